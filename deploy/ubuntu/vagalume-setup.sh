#!/bin/sh
# Makes this Ubuntu or Debian host a broker, once its packages are there: cloud-init runs it at the first boot. It may be run again.
set -eu

here=/usr/local/lib/vagalume

mkdir -p /etc/systemd/system/mosquitto.service.d
# Not before mosquitto is installed, for it would not start without its files, and the package would not be installed.
cp "$here/mosquitto.service.conf" /etc/systemd/system/mosquitto.service.d/vagalume.conf
systemctl daemon-reload
systemctl enable --now vagalume-firewall.service
systemctl enable mosquitto.service
systemctl restart fail2ban.service

if [ -s "$here/letsencrypt" ]; then
	# shellcheck source=/dev/null
	. "$here/letsencrypt"
	# How the host reaches itself by the name of its certificate.
	grep -q " $HOST\$" /etc/hosts || echo "127.0.0.1 $HOST" >>/etc/hosts
	# RSA: what Moddable's TLS on the board needs.
	certbot certonly --standalone --non-interactive --agree-tos --email "$EMAIL" --domain "$HOST" --cert-name vagalume \
		--key-type rsa --rsa-key-size 2048
fi
if [ -s "$here/broker.tar.gz" ]; then
	/usr/local/sbin/vagalume-broker install "$here/broker.tar.gz"
	# What 'vagalume broker push' brings from now on is newer.
	rm "$here/broker.tar.gz"
fi
if [ -s "$here/letsencrypt" ]; then
	printf '#!/bin/sh\nexec /usr/local/sbin/vagalume-broker certificate\n' >/etc/letsencrypt/renewal-hooks/deploy/vagalume
	chmod 755 /etc/letsencrypt/renewal-hooks/deploy/vagalume
fi
/usr/local/sbin/vagalume-broker health
