#!/bin/sh
# Creates a certificate authority (CA), a certificate for Loki, and one for each client. Needs openssl 3.
#
#   make-certificates.sh DIRECTORY ADDRESS[,ADDRESS...] CLIENT...
#   make-certificates.sh certificates 192.168.64.104,loki.logging.svc.cluster.local app-cluster control-cluster grafana prometheus
#
# DIRECTORY/ca.key is the private key of the CA: keep it away from the clusters. The script keeps existing certificates. To renew one, delete
# its directory and run the script again. The certificate of the CA is valid for ten years, the others for one.
set -eu
umask 077

if [ $# -lt 3 ]; then
  echo "usage: make-certificates.sh DIRECTORY ADDRESS[,ADDRESS...] CLIENT..." >&2
  exit 2
fi
directory=$1
addresses=$2
shift 2

mkdir -p "$directory"
cd "$directory"

if [ ! -e ca.crt ]; then
  openssl ecparam -name prime256v1 -genkey -noout -out ca.key
  openssl req -new -x509 -key ca.key -sha256 -days 3650 -subj "/CN=Loki of the control cluster" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign -out ca.crt
fi

# sign NAME USAGE [SUBJECT-ALTERNATIVE-NAMES]
sign() {
  if [ -e "$1/tls.crt" ]; then
    echo "kept $directory/$1, which exists already"
    return
  fi
  mkdir -p "$1"
  openssl ecparam -name prime256v1 -genkey -noout -out "$1/tls.key"
  {
    echo basicConstraints=critical,CA:FALSE
    echo keyUsage=critical,digitalSignature
    echo "extendedKeyUsage=$2"
    if [ -n "${3-}" ]; then echo "subjectAltName=$3"; fi
  } > "$1/extensions"
  openssl req -new -key "$1/tls.key" -subj "/CN=$1" -out "$1/request"
  openssl x509 -req -in "$1/request" -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days 365 -extfile "$1/extensions" -out "$1/tls.crt"
  rm "$1/extensions" "$1/request"
  cp ca.crt "$1/ca.crt"
}

names=
for address in $(echo "$addresses" | tr , ' '); do
  case $address in
    *[!0-9.]*) case $address in *:*) kind=IP ;; *) kind=DNS ;; esac ;;
    *) kind=IP ;;
  esac
  names="$names${names:+,}$kind:$address"
done

sign loki serverAuth "$names"
for client in "$@"; do
  sign "$client" clientAuth
done
