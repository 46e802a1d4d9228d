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
[client]
extendedKeyUsage = clientAuth
END
make() { # name, subject, section, from, to, further options of openssl ca
	name=$1 subject=$2 section=$3 from=$4 to=$5
	shift 5
	openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
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
make client "/CN=node" client 20200101000000Z 21190101000000Z $by
make stranger "/CN=Another authority" authority 20200101000000Z 21200101000000Z -selfsign -keyfile stranger.key
