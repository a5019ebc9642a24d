#!/bin/sh
# Pins the images of docker-compose.yml to the digests that the registries give today:  deploy/pin-images.sh >>.env
# Run it again after an update of the versions in docker-compose.yml, and keep the file: it is what was tested.
set -eu
cd "$(dirname "$0")/.."

pin() {
    # ${NAME:-image:tag} of docker-compose.yml; what has a digest keeps it
    image=$(sed -n "s/.*\${$1:-\([^}]*\)}.*/\1/p" docker-compose.yml | head -n 1)
    [ -n "$image" ] || { echo "docker-compose.yml names no image for $1" >&2; exit 1; }
    case $image in
    *@sha256:*) ;;
    *)
        digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image") || {
            echo "$image: the registry gave no digest; nothing is pinned" >&2
            exit 1
        }
        image=$image@$digest
        ;;
    esac
    printf '%s=%s\n' "$1" "$image"
}

pinned=$(for name in ATLAS_DB_IMAGE ATLAS_PYTHON_IMAGE ATLAS_WEB_IMAGE ATLAS_TLS_IMAGE; do pin "$name" || exit 1; done)
printf '%s\n' "$pinned"
