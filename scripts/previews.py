"""Make the previews that the catalogue carries, from producers' own files that may be redistributed.

    python scripts/previews.py FOLDER [--out catalog/previews]

FOLDER holds the files of `SAMPLES`. For each product it writes a picture and how it was made, and for each space the
components, fitted once, that colours of that space are made with from then on.
"""

import argparse
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from atlas.read.identity import Identity
from atlas.read.opening import open_vectors, specs_of
from atlas.records import Catalog, load_catalog
from atlas.stac.collection import collection_from_record
from atlas.uses.files import write_story
from atlas.uses.preview import fitted, kept_components, preview
from atlas.uses.preview_picture import png_bytes

__all__ = ["SAMPLES", "Sample", "catalog", "item_of", "main", "make"]

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Sample:
    """A file of a producer.

    Attributes:
        product: id.
        file: path in the folder.
        moment: the time that its vectors describe, RFC 3339.
        place: in words.
        origin: where the bytes were published.
        note: what a viewer of the picture must know.
    """

    product: str
    file: str
    moment: str
    place: str
    origin: str
    note: str = ""


SAMPLES = (
    Sample(
        "aef-v1-annual",
        "aef/aef_cogeotiff_model_transformation.tif",
        "2024-07-01T00:00:00Z",
        "Colorado",
        "https://github.com/blacha/cogeotiff/blob/c9e9a2addc1191eb4accda833f49831024489904/packages/core/data/model_transformation.tif",
        "100 pixels of 10 m from one file of 2024; whoever cut them out flipped the rows, so that north may be below.",
    ),
    Sample(
        "clay-v0-sentinel",
        "clay/03WVN_20220610_20220610_v001.gpq",
        "2022-06-10T00:00:00Z",
        "the coast of western Alaska",
        "https://github.com/cloudnativegeo/geo-embeddings-survey/blob/6b6a97892b5f04eefb75a1218a849c7d7388b840/data/clay/03WVN_20220610_20220610_v001.gpq",
        "All 417 patches of one file; the registry of AWS states CC-BY-4.0 for it.",
    ),
)


@cache
def catalog() -> Catalog:
    """The records, read once."""
    return load_catalog()


def item_of(sample: Sample, folder: Path) -> dict[str, Any]:
    """The Item of a sample: what the record says, and the one file."""
    collection = collection_from_record(catalog().products[sample.product], catalog())
    stated = {key: value for key, value in collection.items() if key.startswith("emb:")}
    path = (folder / sample.file).resolve()
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": path.stem,
        "collection": sample.product,
        "geometry": None,
        "properties": {"datetime": sample.moment, **stated},
        "links": [],
        "assets": {"embeddings": {**collection["item_assets"]["embeddings"], "href": str(path)}},
    }


def make(sample: Sample, folder: Path, out: Path) -> None:
    """One preview; the components of its space where there are none yet."""
    item = item_of(sample, folder)
    found = open_vectors(item)
    _, identity = specs_of(item)
    kept = kept_components(identity.space, out)
    if kept is None:
        path = out / "components" / f"{identity.space}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        fit = fitted(found).as_json() | {"items": [item["id"]], "origin": sample.origin}
        path.write_text(json.dumps(fit) + "\n", "utf-8")
        kept = kept_components(identity.space, out)
    image, story = preview(found, kept)
    (out / f"{sample.product}.png").write_bytes(png_bytes(image))
    _write(sample, item, identity, story, out)


def _write(sample: Sample, item: dict[str, Any], identity: Identity, story: dict[str, Any], out: Path) -> None:
    facts = {k: getattr(sample, k) for k in ("place", "moment", "origin", "note")}
    write_story(
        out / f"{sample.product}.json",
        identity,
        "preview",
        {"items": sample.file},
        items=[item["id"]],
        **facts,
        **story,
    )


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "catalog" / "previews")
    options = parser.parse_args()
    for sample in SAMPLES:
        make(sample, options.folder, options.out)
        print(f"{sample.product}: {(options.out / f'{sample.product}.png').stat().st_size} bytes")


if __name__ == "__main__":
    main()
