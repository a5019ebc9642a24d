"""Examples by name, and changes to them; a path is written `assets|embeddings|nodata`."""

from tests.extension.engines import EXAMPLES, read

BY_NAME = {path.stem: read(path) for path in EXAMPLES}
ITEM, COLLECTION, PATCHES = "pixel-npy-scales-item", "pixel-cog-collection", "patch-geoparquet-collection"
Q, ASSET_Q = "emb:quantization", "assets|embeddings|emb:quantization"
CHECKSUM = "assets|embeddings|file:checksum"


def at(path, value):
    def change(document):
        *parents, last = path.split("|")
        for part in parents:
            document = document[int(part) if isinstance(document, list) else part]
        document[int(last) if isinstance(document, list) else last] = value

    return change


def more(*path, **members):
    def change(document):
        for part in path:
            document = document[part]
        document |= members

    return change
