#!/bin/sh
# Runs a command, waits, and runs it again, whatever its exit code:  every.sh SECONDS COMMAND...
# Ends at once when the container is stopped; the command is told to end too.
set -u
pause=$1
shift
trap 'kill "$running" 2>/dev/null; wait "$running"; exit 0' TERM INT
while :; do
    "$@" &
    running=$!
    wait "$running" || echo "$1: exit code $?; it runs again in $pause s" >&2
    sleep "$pause" &
    running=$!
    wait "$running"
done
