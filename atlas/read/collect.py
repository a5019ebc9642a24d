"""Items from any source: one Item, a collection of them, pystac objects, a file, a folder of parts."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from atlas.answers.catalogue import OpenCatalog
from atlas.answers.sheet import Sheet
from atlas.errors import UnreadableInput
from atlas.fetch.address import is_remote
from atlas.formats.crawl_folder import LOADED, NAMES, part_files
from atlas.formats.endings import is_table
from atlas.read.files import opened
from atlas.read.spec import box_of
from atlas.records import Product, load_product
from stac_emb.boxes import Box, halves

__all__ = ["items_of"]

Json = dict[str, Any]
NO_FILES = (
    "a record of the catalogue names no files: pass Items of {product}, such as the folder that `atlas crawl` wrote, "
    "or client.search(collections=[...]) of an API"
)
LARGEST = 64 * 2**20
"""Bytes of a document of Items."""


def items_of(source: object, bbox: Box | None = None) -> list[Json]:
    """The Items of a source, as JSON.

    Args:
        source: an Item or a collection of Items (as JSON, or pystac's), a list of them, the address of an Item, the
            path of a JSON or stac-geoparquet file, or a folder of such files, as a crawl writes it.
        bbox: west, south, east, north in degrees; west may be greater than east. Items outside it are left out.

    Raises:
        UnreadableInput: it is not a source of Items, or a file cannot be read.
    """
    return [item for item in _each(source) if bbox is None or _meets(box_of(item), bbox)]


def _each(source: object) -> Iterator[Json]:
    _refuse_records(source)
    if isinstance(source, Mapping):
        if source.get("type") == "FeatureCollection":
            for feature in source.get("features") or ():
                yield from _each(feature)
        elif source.get("type") in {"Feature", "Collection"}:
            yield dict(source)
        else:
            raise UnreadableInput(f"neither a STAC Item nor a collection of Items: 'type' is {source.get('type')!r}")
    elif isinstance(source, str) and is_remote(source):
        yield from _from_address(source)
    elif isinstance(source, str | Path):
        yield from _from_path(Path(source))
    elif callable(search := getattr(source, "item_collection", None)):  # pystac-client's
        yield from _each(search())
    elif hasattr(source, "to_dict") and hasattr(source, "assets"):  # a pystac Item; its links need not be followed
        yield source.to_dict(include_self_link=True, transform_hrefs=False)
    elif isinstance(source, Iterable):
        for one in source:
            yield from _each(one)
    else:
        raise UnreadableInput(f"a {type(source).__name__} holds no STAC Items")


def _refuse_records(source: object) -> None:
    """Records say which products exist; only Items name their files."""
    if not isinstance(source, Sheet | OpenCatalog | Product):
        return
    product = "the product" if isinstance(source, OpenCatalog) else f"'{source.id}'"
    raise UnreadableInput(NO_FILES.format(product=product))


def _from_address(href: str) -> Iterator[Json]:
    try:
        with opened(href) as stream:
            document = json.loads(stream.read(LARGEST))
    except ValueError as error:
        raise UnreadableInput(f"{href}: cannot be read as STAC Items: {error}") from error
    for item in _each(document):
        yield _at(item, href)


def _at(item: Json, href: str) -> Json:
    """An Item with a link to itself, because its hrefs are relative to that."""
    links = [link for link in item.get("links") or () if isinstance(link, Mapping)]
    if not any(link.get("rel") == "self" for link in links):
        links.append({"rel": "self", "href": href, "type": "application/geo+json"})
    return item | {"links": links}


def _from_path(path: Path) -> Iterator[Json]:
    if path.is_dir():
        parts = part_files(path) if (path / NAMES.items).is_dir() else sorted(path.rglob("*.parquet"))
        parts = parts or sorted(path.rglob("*.json")) + sorted(path.rglob("*.geojson"))
        found = [one for one in parts if one.name not in LOADED]
        if not found:
            raise UnreadableInput(f"{path}: the folder holds neither parts (.parquet) nor Items (.json)")
        for one in found:
            yield from _from_path(one)
        return
    if not path.exists():
        known = load_product(str(path)) is not None
        raise UnreadableInput(f"{path}: no such file" if not known else NO_FILES.format(product=f"'{path}'"))
    try:
        if is_table(path.name):
            import pyarrow.parquet as pq
            from stac_geoparquet.arrow import stac_table_to_items

            yield from stac_table_to_items(pq.read_table(path))
            return
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, KeyError) as error:
        raise UnreadableInput(f"{path}: cannot be read as STAC Items: {error}") from error
    for item in _each(document):
        yield _at(item, str(path.resolve()))


def _meets(box: Box | None, bbox: Box) -> bool:
    """Whether two boxes meet; an Item without a box counts as meeting."""
    return box is None or any(
        west <= e and w <= east and south <= n and s <= north
        for west, south, east, north in halves(box)
        for w, s, e, n in halves(bbox)
    )
