#!/bin/sh
# Backs up the catalogue into a new folder and keeps the newest backups, fourteen by default:
#   backup.sh BACKUPS_DIR [HOW_MANY]
# A backup that fails leaves the earlier ones alone. ATLAS_DATABASE_URL (or its file in ATLAS_SECRETS_DIR) names the owner.
set -eu
folder=$1
kept=${2:-14}
atlas db backup "$folder/$(date -u +%Y-%m-%dT%H-%M-%SZ)"
count=$(find "$folder" -mindepth 1 -maxdepth 1 -type d -name '2???-??-??T*Z' | wc -l)
find "$folder" -mindepth 1 -maxdepth 1 -type d -name '2???-??-??T*Z' | sort | while read -r old; do
    [ "$count" -gt "$kept" ] || break
    rm -r "$old"
    count=$((count - 1))
done
