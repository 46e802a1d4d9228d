#!/bin/sh
# On the host of a broker: takes what 'vagalume broker' has made, and looks after it.
#
#   vagalume-broker install [FILE]   takes a new set of files (tar.gz; from standard input without FILE); goes back to
#                                    the former one when the broker is not healthy with it
#   vagalume-broker health           says what is wrong, with exit status 1
#   vagalume-broker certificate      takes the certificate that Let's Encrypt has given (certbot's deploy hook)
#
# For tests: VAGALUME_ROOT is put before all paths, VAGALUME_TRIES (0.5 s each) and VAGALUME_WAIT (s) bound what is awaited.
set -eu
umask 077

root=${VAGALUME_ROOT-}
files=$root/etc/mosquitto/vagalume
letsencrypt=$root/etc/letsencrypt/live/vagalume
avahi=$root/etc/avahi/services
expected="acl ca.crt client-authorities.crt control-password host mosquitto.conf passwords revoked.crl server.pem"
# Of a broker with a name in .local, at the end of what is expected.
advertised=vagalume-mqtt.service

say() {
	echo "vagalume-broker: $*"
}
fail() {
	echo "vagalume-broker: $*" >&2
	if command -v logger >/dev/null; then logger -t vagalume-broker -p daemon.err -- "$*" || true; fi
	exit 1
}

# How to reach the broker from here: not by its name, which is another way, unless its certificate has no other.
address() {
	if [ -e "$letsencrypt/fullchain.pem" ]; then echo "$name"; else echo localhost; fi
}

# The port of a listener, in the order of mosquitto.conf: 1 MQTT, 2 WebSocket, 3 client certificates.
port() {
	awk -v n="$1" '$1 == "listener" && ++i == n { print $2 }' "$files/mosquitto.conf"
}

# Whom the server's certificate is to be signed by.
trusted() {
	if [ -e "$letsencrypt/fullchain.pem" ]; then echo "${VAGALUME_PUBLIC_CAS:-/etc/ssl/certs/ca-certificates.crt}"; else echo "$files/ca.crt"; fi
}

set_rights() {
	chmod 700 "$1"
	chmod 600 "$1"/*
	# Later versions of Mosquitto refuse files that are not its own. The service cannot write them: it sees /etc as read-only.
	if [ -z "$root" ]; then chown -R mosquitto:mosquitto "$1"; fi
}

# Key, certificate and chain in one file, so that no reload finds one without the other.
use_letsencrypt() {
	cat "$letsencrypt/privkey.pem" "$letsencrypt/fullchain.pem" >"$1/server.pem.new"
	mv "$1/server.pem.new" "$1/server.pem"
}

check_files() {
	found=$(cd "$1" && find . -mindepth 1 | sed 's|^\./||' | LC_ALL=C sort | tr '\n' ' ')
	if [ -e "$1/$advertised" ]; then expected="$expected $advertised"; fi
	[ "$found" = "$expected " ] || fail "install: these are not the files of a broker: $found"
	for name in $expected; do
		if [ -L "$1/$name" ] || [ ! -f "$1/$name" ]; then fail "install: $name is no file"; fi
	done
	certified=$(openssl x509 -in "$1/server.pem" -noout -pubkey) || fail "install: server.pem has no certificate"
	kept=$(openssl pkey -in "$1/server.pem" -pubout) || fail "install: server.pem has no private key"
	[ "$certified" = "$kept" ] || fail "install: server.pem: the private key is not that of the certificate"
}

# A reload keeps all connections, but ports and limits, and the certificate over WebSocket, change only with a restart. Sessions
# are on the disk. Who calls this asks for its status, which switches 'set -e' off in here.
apply() {
	if [ "$1" = reload ] && ! systemctl reload mosquitto; then
		say "mosquitto does not reload: it is restarted"
		set -- restart
	fi
	if [ "$1" = restart ]; then
		systemctl restart mosquitto
		return
	fi
	# It takes them up at its next turn, a tenth of a second later.
	sleep 0.5
}

# Users who are no more: their sessions end at once, whatever they have entered with. Another client takes their identifier, which
# is their name, as long as their will may still be published.
dismiss() {
	name=$(cat "$files/host")
	cut -d : -f 1 "$files/passwords" | while read -r user; do
		if cut -d : -f 1 "$1/passwords" | grep -qxF -e "$user"; then continue; fi
		client mosquitto_pub "$(cat "$files/control-password")" -i "$user" -t vagalume-control/health -m dismissed </dev/null >/dev/null 2>&1 || true
	done
}

# The local network is told where the broker is, if Avahi is here. A certificate of Let's Encrypt has no name in .local.
advertise() {
	if [ ! -d "$avahi" ]; then return; fi
	if [ -e "$files/$advertised" ] && [ ! -e "$letsencrypt/fullchain.pem" ]; then
		# Whole or not at all: Avahi reads it as soon as it is there, if its name ends so.
		cp "$files/$advertised" "$avahi/$advertised.new"
		chmod 644 "$avahi/$advertised.new"
		mv "$avahi/$advertised.new" "$avahi/$advertised"
	else
		rm -f "$avahi/$advertised"
	fi
}

install_files() {
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	mkdir "$work/new"
	tar -xz --no-same-owner --no-same-permissions -C "$work/new" -f "${1:--}" || fail "install: no tar.gz"
	check_files "$work/new"
	if [ -e "$letsencrypt/fullchain.pem" ]; then use_letsencrypt "$work/new"; fi
	set_rights "$work/new"
	how=restart
	if cmp -s "$work/new/mosquitto.conf" "$files/mosquitto.conf" && cmp -s "$work/new/server.pem" "$files/server.pem" &&
		systemctl is-active -q mosquitto; then how=reload; fi
	if [ "$how" = reload ]; then dismiss "$work/new"; fi
	mkdir -p "$(dirname "$files")"
	rm -rf "$files.new" "$files.former"
	cp -pR "$work/new" "$files.new"
	if [ -e "$files" ]; then mv "$files" "$files.former"; fi
	mv "$files.new" "$files"
	if apply "$how" && (health); then
		rm -rf "$files.former"
		advertise
		say "installed"
		return
	fi
	if [ ! -e "$files.former" ]; then fail "install: the broker is not healthy with the new files"; fi
	rm -rf "$files"
	mv "$files.former" "$files"
	apply restart || true
	fail "install: the broker is not healthy with the new files; the former ones are back"
}

# mosquitto_pub and mosquitto_sub as the control user: their options come from a file, so that no password is seen in the
# list of processes.
client() {
	program=$1
	password=$2
	shift 2
	home=$(mktemp -d)
	printf -- '-u vagalume-control\n-P %s\n' "$password" >"$home/$program"
	status=0
	XDG_CONFIG_HOME=$home timeout 20 "$program" -h "$(address)" -p "$(port 1)" -V 5 --cafile "$(trusted)" "$@" || status=$?
	rm -rf "$home"
	return $status
}

health() {
	[ -r "$files/mosquitto.conf" ] || fail "UNHEALTHY: no broker is installed ($files)"
	systemctl is-active -q mosquitto || fail "UNHEALTHY: mosquitto does not run (journalctl -u mosquitto)"
	name=$(cat "$files/host")
	wait_for_port "$(port 1)" || fail "UNHEALTHY: nothing listens on port $(port 1)"
	for number in 1 2 3; do check_tls "$(port $number)"; done
	check_round_trip
	refused "with a wrong password" "$(client mosquitto_pub wrong -t vagalume-control/health -m x 2>&1)"
	refused "without a password" "$(timeout 20 mosquitto_pub -h "$(address)" -p "$(port 1)" --cafile "$(trusted)" -t vagalume-control/health -m x 2>&1)"
	answer="$(timeout 20 mosquitto_pub -h localhost -p "$(port 1)" -u vagalume-control -P wrong -t vagalume-control/health -m x 2>&1)" || true
	refused "without TLS" "$answer"
	# Who speaks of authorisation has understood what came in the clear.
	case $answer in *uthori*) fail "UNHEALTHY: port $(port 1) takes connections without TLS" ;; esac
	say "healthy: TLS on $(port 1), $(port 2) and $(port 3) as $name, messages get through, strangers do not"
}

# What a client says that was let in is nothing.
refused() {
	[ -n "$2" ] || fail "UNHEALTHY: a client $1 was let in"
}

wait_for_port() {
	tries=0
	until openssl s_client -connect "localhost:$1" </dev/null >/dev/null 2>&1; do
		tries=$((tries + 1))
		if [ "$tries" -ge "${VAGALUME_TRIES:-20}" ]; then return 1; fi
		sleep 0.5
	done
}

check_tls() {
	case $name in
		*[!0-9.]*) how=-verify_hostname ;;
		*) how=-verify_ip ;;
	esac
	said=$(openssl s_client -connect "localhost:$1" -servername "$name" "$how" "$name" -verify_return_error \
		-CAfile "$(trusted)" </dev/null 2>&1) || true
	case $said in
		*"Verify return code: 0 (ok)"* | *"Verification: OK"*) ;;
		*) fail "UNHEALTHY: port $1: the certificate is not good for $name: $(echo "$said" | grep -i -m 1 'verify error\|verification error\|errno' || echo "no TLS")" ;;
	esac
	echo "$said" | openssl x509 -noout -checkend 1209600 >/dev/null ||
		fail "UNHEALTHY: port $1: the certificate ends within 14 days"
}

check_round_trip() {
	mark=$(date +%s)-$$
	heard=$(mktemp)
	client mosquitto_sub "$(cat "$files/control-password")" -q 1 -C 1 -W "${VAGALUME_WAIT:-10}" -t vagalume-control/health >"$heard" 2>&1 &
	listener=$!
	# The one who listens may be later than who speaks.
	for _ in 1 2 3 4 5 6 7 8; do
		kill -0 $listener 2>/dev/null || break
		client mosquitto_pub "$(cat "$files/control-password")" -q 1 -t vagalume-control/health -m "$mark" >>"$heard.out" 2>&1 || true
		sleep 0.3
		if grep -q "$mark" "$heard"; then break; fi
	done
	wait $listener || true
	why=$(cat "$heard" "$heard.out" 2>/dev/null)
	ok=0
	if grep -q "$mark" "$heard"; then ok=1; fi
	rm -f "$heard" "$heard.out"
	[ $ok = 1 ] || fail "UNHEALTHY: no message gets through: $why"
}

case "${1-}" in
	install) install_files "${2-}" ;;
	health) health ;;
	certificate)
		use_letsencrypt "$files"
		set_rights "$files"
		apply restart
		advertise
		;;
	*)
		echo "usage: vagalume-broker install [FILE] | health | certificate" >&2
		exit 2
		;;
esac
