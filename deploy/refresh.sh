#!/bin/sh
# Crawls every index and loads all that was crawled, for a timer or cron. Where one producer has a fault, its product
# keeps what was found before, and the others are loaded.
# Exits with 0, with 1 where a crawl or a load had a fault, with 2 where a setting is wrong (then nothing is loaded).
set -u
code=0
atlas crawl --all || code=$?
if [ "$code" -gt 1 ]; then
    exit "$code"
fi
set --
for folder in "${ATLAS_STATE_DIR:-.atlas}"/crawls/*/; do
    if [ -e "$folder/collection.json" ]; then
        set -- "$@" "$folder"
    fi
done
if [ $# -gt 0 ]; then
    atlas load "$@" || code=1
fi
exit "$code"
