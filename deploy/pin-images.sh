#!/bin/sh
# Updates the images of docker-compose.yml within their versions:  deploy/pin-images.sh >>.env
# asks the registries for today's digests. Keep the file, as it records what was tested.
set -eu
cd "$(dirname "$0")/.."

pin() {
    # ${NAME:-image:tag@digest} of docker-compose.yml
    image=$(sed -n "s/.*\${$1:-\([^}@]*\)[^}]*}.*/\1/p" docker-compose.yml | head -n 1)
    [ -n "$image" ] || { echo "docker-compose.yml names no image for $1" >&2; exit 1; }
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image") || {
        echo "$image: the registry gave no digest; nothing is pinned" >&2
        exit 1
    }
    printf '%s=%s\n' "$1" "$image@$digest"
}

pinned=$(for name in ATLAS_DB_IMAGE ATLAS_PYTHON_IMAGE ATLAS_WEB_IMAGE ATLAS_TLS_IMAGE; do pin "$name" || exit 1; done)
printf '%s\n' "$pinned"
