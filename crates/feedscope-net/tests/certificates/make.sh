#!/usr/bin/env bash
# Makes the certificates in this folder: one authority, and certificates that are refused for one reason each. The keys
# are thrown away, because the tests only read the certificates.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

rsa=(-newkey rsa:2048)
p256=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1)

# A self-signed certificate: its file, the way to its key, and more arguments.
self_signed() {
    openssl req -x509 -nodes -keyout "$work/$1.key" -days 36500 -out "$work/$1.pem" "${@:2}"
    openssl x509 -in "$work/$1.pem" -outform DER -out "$1.der"
}

# A certificate by the authority: its file, the extensions, the hash, and the way to its key.
signed() {
    openssl req -nodes -keyout "$work/$1.key" -subj /CN=localhost -out "$work/$1.csr" "${@:4}"
    local extensions=()
    if [ -n "$2" ]; then
        printf '%b' "$2" >"$work/$1.ext"
        extensions=(-extfile "$work/$1.ext")
    fi
    openssl x509 -req -in "$work/$1.csr" -CA "$work/authority.pem" -CAkey "$work/authority.key" -CAcreateserial \
        -days 36500 "-$3" "${extensions[@]}" -outform DER -out "$1.der"
}

names='subjectAltName=DNS:localhost\n'
self_signed authority "${rsa[@]}" -subj '/CN=Test Authority'
self_signed common-name "${p256[@]}" -subj /CN=localhost
self_signed self-signed "${p256[@]}" -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,DNS:*.feeds.test,IP:127.0.0.1'
signed clients "extendedKeyUsage=clientAuth\n$names" sha256 "${p256[@]}"
signed p-521 "$names" sha256 -newkey ec -pkeyopt ec_paramgen_curve:secp521r1
signed rsa-1024 "$names" sha256 -newkey rsa:1024
signed secp256k1 "$names" sha256 -newkey ec -pkeyopt ec_paramgen_curve:secp256k1
signed sha1 "$names" sha1 "${rsa[@]}"
# Without extensions OpenSSL 3.0 makes version 1.
signed version-1 '' sha256 "${rsa[@]}"
