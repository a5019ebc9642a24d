#!/bin/sh
# Makes the passwords of docker-compose.yml, and the database addresses that hold them. Keeps those that exist.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
for name in db_password reader_password; do
    [ -s "secrets/$name" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"secrets/$name"
done
printf 'postgresql://atlas:%s@db:5432/atlas' "$(cat secrets/db_password)" >secrets/owner_url
printf 'postgresql://atlas_reader:%s@db:5432/atlas' "$(cat secrets/reader_password)" >secrets/reader_url
# The containers read the files as their own users; the folder keeps everyone else out.
chmod 644 secrets/*
chmod 700 secrets
echo "the secrets are in deploy/secrets"
