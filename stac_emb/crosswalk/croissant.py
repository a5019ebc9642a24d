"""GeoCroissant 1.0 (JSON-LD), from a Collection."""

import re
from collections.abc import Mapping
from typing import Any

from stac_emb.checksums import SHA256
from stac_emb.crosswalk.outcome import Converted, renamed
from stac_emb.identity import DOCS_URI

__all__ = ["to_croissant"]

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "geocr": "http://mlcommons.org/croissant/geo/",
    "dct": "http://purl.org/dc/terms/",
    "emb": f"{DOCS_URI}#",
    "citeAs": "cr:citeAs",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "isLiveDataset": "cr:isLiveDataset",
    "md5": "cr:md5",
    **{
        name: f"cr:{name}"
        for name in (
            *("column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format"),
            *("includes", "jsonPath", "key", "parentField", "path", "recordSet", "references", "regex", "repeated"),
            *("replace", "samplingRate", "separator", "source", "subField", "transform"),
        )
    },
}
_STEPS = {
    "daily": (1, "day"),
    "weekly": (1, "week"),
    "dekadal": (10, "day"),
    "monthly": (1, "month"),
    "seasonal": (3, "month"),
    "annual": (1, "year"),
}
_SPDX = re.compile(r"^[A-Za-z0-9.+-]+$")


def _quantity(value: float, unit: str) -> dict[str, Any]:
    return {"@type": "QuantitativeValue", "value": value, "unitText": unit}


def _distribution(collection: Mapping[str, Any], outcome: Converted) -> list[dict[str, Any]]:
    found = []
    for key, asset in (collection.get("assets") or {}).items():
        entry = {
            "@type": "cr:FileObject",
            "@id": key,
            "name": key,
            "contentUrl": asset["href"],
            "encodingFormat": asset.get("type", "application/octet-stream"),
        }
        checksum = str(asset.get("file:checksum", ""))
        if checksum.startswith(SHA256):
            entry["sha256"] = checksum.removeprefix(SHA256)
            outcome.use(f"assets/{key}/file:checksum")
        if "description" in asset or "title" in asset:
            told = "description" if asset.get("description") else "title"
            entry["description"] = asset[told]
            outcome.use(f"assets/{key}/{told}")
        if isinstance(asset.get("file:size"), int):
            entry["contentSize"] = f"{asset['file:size']} B"
            outcome.use(f"assets/{key}/file:size")
        found.append(entry)
        outcome.use(f"assets/{key}/href", f"assets/{key}/type")
    return found


def _resolutions(collection: Mapping[str, Any], document: dict[str, Any], outcome: Converted) -> None:
    footprint = collection.get("emb:footprint", {})
    size, unit = footprint.get("size"), footprint.get("unit")
    if "emb:ground_size" in collection:
        document["geocr:spatialResolution"] = _quantity(collection["emb:ground_size"], "m")
        outcome.use("emb:ground_size")
    elif size and len(set(size)) == 1:
        document["geocr:spatialResolution"] = _quantity(size[0], {"m": "m", "deg": "degrees"}[unit])
        outcome.use("emb:footprint/size", "emb:footprint/unit")
    elif "gsd" in collection:
        document["geocr:spatialResolution"] = _quantity(collection["gsd"], "m")
        outcome.use("gsd")
    step = _STEPS.get(collection.get("emb:temporal_resolution", ""))
    if step:
        document["geocr:temporalResolution"] = _quantity(*step)
        outcome.use("emb:temporal_resolution")
    elif "emb:temporal_resolution" in collection:
        outcome.lose("emb:temporal_resolution", "GeoCroissant states a regular step only")


def to_croissant(collection: Mapping[str, Any]) -> Converted:
    """GeoCroissant of a Collection; the fields about the vectors keep their `emb:` prefix."""
    box = collection["extent"]["spatial"]["bbox"][0]
    flat = (0, 1, 2, 3) if len(box) == 4 else (0, 1, 3, 4)
    west, south, east, north = (box[i] for i in flat)
    start, end = collection["extent"]["temporal"]["interval"][0]
    license_name = str(collection.get("license", "other"))
    document: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "@id": collection["id"],
        "name": collection.get("title", collection["id"]),
        "description": collection["description"],
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/geo/1.0"],
        "spatialCoverage": {
            "@type": "Place",
            # GeoCroissant wants south and west before north and east.
            "geo": {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"},
        },
        "temporalCoverage": f"{start or '..'}/{end or '..'}",
        "isLiveDataset": True,
    }
    outcome = Converted(document)
    outcome.use("type", "stac_version", "stac_extensions", "id", "title", "description", "license")
    outcome.use(*(f"extent/spatial/bbox/0/{i}" for i in flat))
    outcome.use("extent/temporal/interval/0")
    links = list(enumerate(collection.get("links", [])))
    if license_name == "other" or not _SPDX.match(license_name) or license_name.startswith("LicenseRef-"):
        link = next(((i, row["href"]) for i, row in links if row.get("rel") == "license"), None)
        if link:
            document["license"] = link[1]
            outcome.use(f"links/{link[0]}/href", f"links/{link[0]}/rel")
            if license_name != "other":
                outcome.lose("license", "GeoCroissant names a licence by its address")
        else:
            outcome.lack("license", "GeoCroissant asks for its address, and no link has the `rel` `license`")
    else:
        document["license"] = f"https://spdx.org/licenses/{license_name}.html"
    made = [
        (i, p)
        for i, p in enumerate(collection.get("providers", []))
        if {"producer", "licensor"} & set(p.get("roles", []))
    ]
    outcome.use(*(f"providers/{i}/{name}" for i, _ in made for name in ("name", "url")))
    if made:
        document["creator"] = [{"@type": "Organization", **renamed(p, {"name": "name", "url": "url"})} for _, p in made]
    for ours, theirs in (("keywords", "keywords"), ("version", "version"), ("sci:citation", "citeAs")):
        if ours in collection:
            document[theirs] = collection[ours]
            outcome.use(ours)
    page = next(((i, row["href"]) for i, row in links if row.get("rel") in {"about", "self"}), None)
    if page:
        document["url"] = page[1]
        outcome.use(f"links/{page[0]}/href", f"links/{page[0]}/rel")
    code = collection.get("proj:code") or ((collection.get("summaries") or {}).get("proj:code") or [None])[0]
    if code:
        document["geocr:coordinateReferenceSystem"] = code
        outcome.use("proj:code" if collection.get("proj:code") else "summaries/proj:code/0")
    _resolutions(collection, document, outcome)
    document["distribution"] = _distribution(collection, outcome)
    kept = ("emb:type", "emb:dimensions", "emb:space", "emb:normalization")
    document |= {name: collection[name] for name in kept if name in collection}
    outcome.account(collection, "GeoCroissant has no such property")
    return outcome
