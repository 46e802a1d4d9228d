#!/bin/sh
# Makes certificates for the TLS tests in the folder that is given (openssl 3).
set -e
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
touch "$work/index"
echo 01 >"$work/serial"
cat >"$work/ca.cnf" <<END
[ca]
default_ca = test
[test]
database = $work/index
serial = $work/serial
new_certs_dir = $work
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
[server]
subjectAltName = DNS:localhost,IP:127.0.0.1
[large]
subjectAltName = DNS:localhost,IP:127.0.0.1$(seq -f ',DNS:name-%g.of-many.example.com' 600 | tr -d '\n')
[elsewhere]
subjectAltName = DNS:elsewhere.example
[local]
subjectAltName = DNS:raspberrypi.local
[client]
extendedKeyUsage = clientAuth
END
make() { # name, subject, section, from, to, further options of openssl ca
	name=$1 subject=$2 section=$3 from=$4 to=$5
	shift 5
	case $name in
		rsa-*) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$name.key" ;;
		*) openssl ecparam -name prime256v1 -genkey -noout -out "$name.key" ;;
	esac
	openssl req -new -key "$name.key" -subj "$subject" -out "$work/$name.csr"
	openssl ca -batch -notext -config "$work/ca.cnf" -extensions "$section" -startdate "$from" -enddate "$to" \
		-in "$work/$name.csr" -out "$name.pem" "$@"
}
make authority "/CN=Vagalume test authority" authority 20200101000000Z 21200101000000Z -selfsign -keyfile authority.key
by="-cert authority.pem -keyfile authority.key"
make server "/CN=localhost" server 20200101000000Z 21190101000000Z $by
make large "/CN=localhost" large 20200101000000Z 21190101000000Z $by
make expired "/CN=localhost" server 20200101000000Z 20200201000000Z $by
make misnamed "/CN=elsewhere.example" elsewhere 20200101000000Z 21190101000000Z $by
make local "/CN=raspberrypi.local" local 20200101000000Z 21190101000000Z $by
make client "/CN=node" client 20200101000000Z 21190101000000Z $by
make stranger "/CN=Another authority" authority 20200101000000Z 21200101000000Z -selfsign -keyfile stranger.key
# The same with RSA keys, for TLS that knows no others; and a server's certificate that was misused as an authority.
make rsa-authority "/CN=Vagalume RSA authority" authority 20200101000000Z 21200101000000Z -selfsign -keyfile rsa-authority.key
by="-cert rsa-authority.pem -keyfile rsa-authority.key"
make rsa-server "/CN=localhost" server 20200101000000Z 21190101000000Z $by
make rsa-expired "/CN=localhost" server 20200101000000Z 20200201000000Z $by
make rsa-misnamed "/CN=elsewhere.example" elsewhere 20200101000000Z 21190101000000Z $by
make rsa-client "/CN=node" client 20200101000000Z 21190101000000Z $by
make rsa-stranger "/CN=Another RSA authority" authority 20200101000000Z 21200101000000Z -selfsign -keyfile rsa-stranger.key
make rsa-impostor "/CN=localhost" server 20200101000000Z 21190101000000Z -cert rsa-misnamed.pem -keyfile rsa-misnamed.key
