#!/bin/sh
# Stands for systemd's systemctl in a Debian where no systemd runs. It knows what the broker's scripts ask for, starts mosquitto
# as its unit and the drop-ins say, and fails at everything else.
set -eu

state=/run/stand-in
log=/var/log/stand-in.log
mkdir -p $state

fail() {
	echo "systemctl (stand-in): $*" >&2
	exit 1
}

# A setting of the unit, which the last file to name it decides.
setting() {
	cat "/lib/systemd/system/$unit" "/etc/systemd/system/$unit" "/etc/systemd/system/$unit.d/"*.conf 2>/dev/null |
		awk -v key="$1=" 'index($0, key) == 1 { value = substr($0, length(key) + 1) } END { print value }'
}

exists() {
	[ -e "/lib/systemd/system/$unit" ] || [ -e "/etc/systemd/system/$unit" ] || fail "there is no unit $unit"
}

running() {
	[ -e "$state/$unit" ] && kill -0 "$(cat "$state/$unit")" 2>/dev/null
}

stop() {
	if ! running; then return; fi
	kill "$(cat "$state/$unit")"
	while running; do sleep 0.05; done
}

# Runs in a mount namespace of its own: the settings that say what a service may see and write.
sandbox() {
	directory=/var/lib/$(setting StateDirectory)
	mount --bind "$directory" "$directory"
	if [ "$(setting ProtectSystem)" = strict ]; then mount -o remount,bind,ro /; fi
	if [ "$(setting PrivateTmp)" = yes ]; then
		mount -t tmpfs tmpfs /tmp
		mount -t tmpfs tmpfs /var/tmp
	fi
	if [ "$(setting ProtectHome)" = yes ]; then
		mount -t tmpfs -o mode=0 tmpfs /home
		mount -t tmpfs -o mode=0 tmpfs /root
	fi
}

# In the place of this process.
become() {
	umask "$(setting UMask)"
	privileges=
	if [ "$(setting NoNewPrivileges)" = yes ]; then privileges=--no-new-privs; fi
	# shellcheck disable=SC2046,SC2086
	exec env -i PATH="$PATH" prlimit --nofile="$(setting LimitNOFILE)" setpriv --reuid "$(setting User)" --regid "$(setting Group)" --init-groups $privileges \
		--inh-caps=-all --bounding-set=-all $(setting ExecStart)
}

start() {
	exists
	[ -z "$(setting ExecStartPre)" ] || fail "$unit: ExecStartPre is not run by this stand-in"
	case $(setting Type) in
		oneshot)
			# shellcheck disable=SC2046,SC2091
			$(setting ExecStart)
			return
			;;
		notify) ;;
		*) fail "$unit: a service of this type is not started by this stand-in" ;;
	esac
	install -d -m "$(setting StateDirectoryMode)" -o "$(setting User)" -g "$(setting Group)" "/var/lib/$(setting StateDirectory)"
	setsid unshare --mount "$0" run-sandboxed "$unit" </dev/null >>$log 2>&1 &
	echo $! >"$state/$unit"
}

action=$1
shift
for word; do
	case $word in
		-q) ;;
		--now) now=1 ;;
		*) unit=${word%.service}.service ;;
	esac
done

case $action in
	daemon-reload) ;;
	enable)
		exists
		if [ -n "${now-}" ]; then start; fi
		;;
	is-active) running ;;
	reload)
		running || fail "$unit does not run"
		MAINPID=$(cat "$state/$unit") sh -c "$(setting ExecReload)"
		;;
	stop) stop ;;
	restart)
		if [ "$unit" = fail2ban.service ]; then
			# It reads systemd's journal, which is not here.
			fail2ban-client -t
		else
			stop
			start
		fi
		;;
	run-sandboxed)
		sandbox
		become
		;;
	*) fail "$action is not known to this stand-in" ;;
esac
