"""Foreign STAC Items as index rows: checked, and fields of the community draft converted to ours."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import pyarrow as pa
import shapely

from atlas.fetch.foreign_json import Twice
from atlas.fetch.inputs import Rejected
from atlas.moments import before
from atlas.sources.base import FOLDER
from atlas.sources.columns import EMBEDDINGS, INTERVAL, TIMESTAMP
from atlas.sources.stac.extras import EXTRAS, Facts, extra_values, lawful
from atlas.sources.stac.links import Place
from atlas.sources.storable import check_storable, shown
from stac_emb.crosswalk.draft_lift import from_draft, is_draft
from stac_emb.geometries import check_geometry
from stac_emb.place_rules import antimeridian

__all__ = ["OTHER_COLLECTION", "SCHEMA", "Reading", "is_count"]

OTHER_COLLECTION = "Item of another collection"
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("geometry", pa.binary()),
        ("datetime", TIMESTAMP),
        *INTERVAL,
        *EMBEDDINGS,
        ("property:title", pa.string()),
        ("property:created", TIMESTAMP),
        ("property:updated", TIMESTAMP),
        ("property:proj:code", pa.string()),
        ("property:grid:code", pa.string()),
        ("property:table:row_count", pa.int64()),
        *EXTRAS,
    ]
)
TEXTS = ("title", "proj:code", "grid:code")
LONGEST_FIELD, LONGEST_TEXT = 100, 4096


@dataclass(frozen=True, slots=True)
class Reading:
    """What is the same for all Items of a shard.

    Attributes:
        dimensions: of the product, where the record states them.
        beside: what its Items repeat of the record.
        root: the folder of a local tree.
        published: the URL of that folder.
        collection: the one that was asked for. An Item that names none belongs to it, by the path of its page.
    """

    dimensions: int | None = None
    beside: Facts = ()
    root: str = ""
    published: str = ""
    collection: str = ""

    def row(self, item: object, document: str) -> dict[str, Any]:
        """The index row of one Item; its relative hrefs begin at the document that was read.

        Raises:
            Rejected: it is not an Item, or lacks what an Item of ours needs.
        """
        if not isinstance(item, dict) or item.get("type") != "Feature":
            raise Rejected(
                "not a STAC Item", "type", item.get("type") if isinstance(item, dict) else type(item).__name__
            )
        assets, other = item.get("assets"), item.get("collection")
        whole = (item, item.get("geometry"), assets)
        if twice := next((one for one in whole if isinstance(one, Twice)), None):
            raise Rejected("a name occurs twice", shown(twice.name)[:LONGEST_FIELD])
        check_storable(item.get("properties"), "properties")
        check_storable(assets.get("embeddings") if isinstance(assets, dict) else None, "assets/embeddings")
        try:
            item = from_draft(item) if is_draft(item) else item
        except (AttributeError, TypeError, KeyError, ValueError) as error:  # a member is not of the type it should be
            raise Rejected("draft fields cannot be read", None, error) from None
        properties = item.get("properties")
        named = isinstance(item.get("id"), str) and item["id"] != ""
        if not isinstance(properties, dict) or not named:
            raise Rejected("not a STAC Item", "properties" if named else "id")
        check_storable(item["id"], "id")
        row: dict[str, Any] = {"id": item["id"], "geometry": _geometry(item.get("geometry")), **_times(properties)}
        for fault in antimeridian(item):
            if fault.level == "fault":
                raise Rejected("geometry is not cut at the antimeridian", "geometry", fault.message)
        stated = properties.get("emb:dimensions")
        if isinstance(stated, int) and self.dimensions is not None and stated != self.dimensions:
            raise Rejected(
                "vectors have other dimensions than the product", "emb:dimensions", f"{stated}, not {self.dimensions}"
            )
        row |= _asset(item, Place(document, self.root, self.published))
        for name in TEXTS:
            value = properties.get(name)
            row[f"property:{name}"] = value if isinstance(value, str) and len(value) <= LONGEST_TEXT else None
        row |= {f"property:{name}": _time(properties.get(name), name) for name in ("created", "updated")}
        count = properties.get("table:row_count")
        row["property:table:row_count"] = count if is_count(count) else None
        row |= extra_values(properties, self.beside)
        if self.collection and other not in (None, self.collection):
            raise Rejected(OTHER_COLLECTION, "collection", other)
        return row

    def marked(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of a local tree that is published nowhere, whose assets may be files of this machine."""
        if not self.root or self.published:
            return rows
        return rows.replace_schema_metadata({FOLDER: Path(self.root).resolve().as_uri().encode()})


def is_count(value: object) -> TypeGuard[int]:
    """Whether a value is a number of things that fits into a column; JSON's true is a number to Python."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62


def _geometry(value: object) -> bytes:
    if not isinstance(value, dict):
        raise Rejected("no geometry", "geometry")
    if value.get("type") == "GeometryCollection":  # by the schema of STAC's core
        raise Rejected("a GeometryCollection cannot be the geometry of an Item", "geometry/type")
    for fault in check_geometry(value):
        if fault.level == "fault":  # what crosses itself is common in footprints and stays as it was sent
            raise Rejected("geometry is not GeoJSON", f"geometry{fault.pointer}"[:LONGEST_FIELD], fault.message)
    try:
        shape = shapely.from_geojson(json.dumps(value))
    except (shapely.errors.GEOSException, ValueError, RecursionError) as error:
        raise Rejected("geometry is not GeoJSON", "geometry", error) from None
    # Of every position: the bounds of an area are those of its shells, and a hole may lie elsewhere.
    west, south, east, north = shapely.MultiPoint(shapely.get_coordinates(shape)).bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise Rejected("geometry is not on the globe", "geometry", (west, south, east, north))
    found: bytes = shapely.to_wkb(shapely.orient_polygons(shapely.force_2d(shape)), byte_order=1)
    return found


def _times(properties: Mapping[str, Any]) -> dict[str, dt.datetime | None]:
    found = {name: _time(properties.get(name), name) for name in ("datetime", "start_datetime", "end_datetime")}
    start, end = found["start_datetime"], found["end_datetime"]
    if (start is None) != (end is None):
        raise Rejected("only one end of the interval is given", "start_datetime" if start is None else "end_datetime")
    if start is None and found["datetime"] is None:
        raise Rejected("neither datetime nor an interval is given", "datetime")
    if start is not None and end is not None:
        if end < start:
            raise Rejected("interval ends before it begins", "end_datetime", f"{start} to {end}")
        # Producers write whole years as January to January; in STAC both ends are inside, and a search for one year
        # would find two vintages.
        if end > start and start.time() == end.time() == dt.time.min:
            found["end_datetime"] = before(end)
    return found


def _time(value: object, name: str) -> dt.datetime | None:
    if value is None:
        return None
    try:
        found = dt.datetime.fromisoformat(value.upper()) if isinstance(value, str) else None  # RFC 3339: t and z too
    except ValueError:
        found = None
    if found is None:
        raise Rejected("time is not RFC 3339", name, value)
    if found.tzinfo is None:
        raise Rejected("time has no zone", name, value)
    try:
        return found.astimezone(dt.UTC)
    except OverflowError:  # the first and the last hours of the calendar, in another zone
        raise Rejected("time is not in the years 1 to 9999", name, value) from None


def _asset(item: Mapping[str, Any], place: Place) -> dict[str, Any]:
    assets = item.get("assets")
    asset = assets.get("embeddings") if isinstance(assets, dict) else None
    if not isinstance(asset, dict) or not isinstance(asset.get("href"), str):
        names = ", ".join(map(str, assets)) if isinstance(assets, dict) else "none"
        raise Rejected("no asset 'embeddings'", "assets", names)
    size = asset.get("file:size")
    return {
        "asset:embeddings:href": place.resolve(asset["href"], item),
        "asset:embeddings:file:size": size if is_count(size) else None,
        "asset:embeddings:file:checksum": _lawful_text(asset, "file:checksum"),
        "asset:embeddings:data_type": _lawful_text(asset, "data_type"),
    }


def _lawful_text(asset: Mapping[str, Any], name: str) -> str | None:
    """A text of an asset; None where it states none, or one that the field may not have."""
    value = asset.get(name)
    stated = isinstance(value, str) and len(value) < LONGEST_TEXT and lawful(name, json.dumps(value), asset=True)
    return value if stated else None
