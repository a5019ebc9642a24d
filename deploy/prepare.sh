#!/bin/sh
# Brings database and site up to the records and crawls at hand:  prepare.sh SITE_DIR CRAWLS_DIR
# ATLAS_DATABASE_URL (or its file in ATLAS_SECRETS_DIR) names the owner of the database.
set -eu
site=$1
crawls=$2
ATLAS_READER_PASSWORD=$(cat "$ATLAS_READER_PASSWORD_FILE")
export ATLAS_READER_PASSWORD

atlas db migrate
atlas db reader
atlas load
set --
for folder in "$crawls"/*/; do
    if [ -e "$folder/collection.json" ]; then
        set -- "$@" "$folder"
    fi
done
if [ $# -gt 0 ]; then
    atlas load "$@"
fi
for folder in "$@"; do
    shift
    set -- "$@" --crawl "$folder"
done
atlas site --out "$site" --base-url "${ATLAS_PUBLIC_URL:-http://localhost:8000}" --api stac/ "$@"
