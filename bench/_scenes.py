"""Items of the shapes that Landsat and Sentinel have in public catalogues; every value is made up."""

import random
from itertools import pairwise
from typing import Any

__all__ = [
    "COG",
    "HOST",
    "Json",
    "asset",
    "bands",
    "ext",
    "grid",
    "item",
    "landsat",
    "sentinel_1",
    "sentinel_2",
    "sentinel_2_new",
]

Json = dict[str, Any]
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
HOST = "https://data.example.org"


def ext(name: str, version: str) -> str:
    """Identifier of an extension."""
    return f"https://stac-extensions.github.io/{name}/v{version}/schema.json"


def _box(r: random.Random) -> list[float]:
    west, south = round(r.uniform(-170, 160), 6), round(r.uniform(-80, 70), 6)
    return [west, south, round(west + r.uniform(0.1, 3), 6), round(south + r.uniform(0.1, 3), 6)]


def _ring(box: list[float], corners: int) -> list[list[float]]:
    """A closed ring along the edges of a box, counterclockwise, with about `corners` positions."""
    west, south, east, north = box
    frame = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    steps = max(1, corners // 4)
    points = [
        [round(a[0] + (b[0] - a[0]) * i / steps, 6), round(a[1] + (b[1] - a[1]) * i / steps, 6)]
        for a, b in pairwise(frame)
        for i in range(steps)
    ]
    return [*points, list(frame[0])]


def _links(r: random.Random, collection: str, name: str) -> list[Json]:
    base = f"{HOST}/stac/collections/{collection}"
    found = [
        {"rel": "self", "href": f"{base}/items/{name}", "type": "application/geo+json"},
        {"rel": "collection", "href": base, "type": "application/json"},
        {"rel": "parent", "href": base, "type": "application/json"},
        {"rel": "root", "href": f"{HOST}/stac", "type": "application/json", "title": "Made-up data"},
    ]
    more = [
        {"rel": "license", "href": f"{HOST}/terms"},
        {"rel": "preview", "href": f"{HOST}/map?item={name}", "type": "text/html", "title": "Map of item"},
        {"rel": "tilejson", "href": f"{HOST}/tiles/{name}.json", "type": "application/json"},
    ]
    return found + r.sample(more, r.randint(0, 3))


def item(r: random.Random, collection: str, extensions: list[str], properties: Json, assets: Json) -> Json:
    """An Item of 1.0.0 somewhere on Earth."""
    box = _box(r)
    name = f"{collection}-{r.randrange(10**9):09d}"
    when = f"20{r.randint(10, 25)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}T{r.randint(0, 23):02d}:15:30"
    ring = _ring(box, r.choice([4, 4, 4, 8, 40, 200]))
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": name,
        "stac_extensions": extensions,
        "collection": collection,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": box,
        "properties": {"datetime": when + r.choice(["Z", ".024Z", ".123456Z"]), **properties},
        "links": _links(r, collection, name),
        "assets": assets,
    }


def asset(key: str, kind: str = COG, roles: tuple[str, ...] = ("data",)) -> Json:
    """An Asset without fields of extensions."""
    return {"href": f"{HOST}/files/{key}.tif", "type": kind, "title": f"Asset {key}", "roles": list(roles)}


def grid(r: random.Random, size: float = 10.0, old: bool = True) -> Json:
    number, zone = r.randint(2000, 20000), r.randint(1, 60)
    left, top = 300000 + r.randint(0, 9) * 60.0, 4000000 + r.randint(0, 9) * 60.0
    code: Json = {"proj:epsg": 32600 + zone} if old else {"proj:code": f"EPSG:{32600 + zone}"}
    return code | {
        "proj:shape": [number, number],
        "proj:transform": [size, 0, left, 0, -size, top, 0, 0, 1][: r.choice([6, 9])],
    }


_NAMES = ["coastal", "blue", "green", "red", "rededge", "nir", "nir08", "nir09", "cirrus", "swir16", "swir22", "lwir11"]


def bands(r: random.Random, count: int = 1) -> list[Json]:
    return [
        {
            "name": f"B{i:02d}",
            "common_name": name,
            "center_wavelength": round(r.uniform(0.4, 2.3), 3),
            "description": name,
        }
        for i, name in enumerate(r.sample(_NAMES, count))
    ]


def _raster(r: random.Random) -> Json:
    found: Json = {"data_type": r.choice(["uint16", "int16", "uint8"]), "nodata": 0, "spatial_resolution": 10}
    if r.random() < 0.7:
        found |= {"scale": 0.0001, "offset": -0.1, "unit": "1", "bits_per_sample": 15, "sampling": "area"}
    if r.random() < 0.2:
        found["statistics"] = {"minimum": 1, "maximum": 9, "mean": 4.5, "stddev": 1.5, "valid_percent": 98.5}
    if r.random() < 0.1:
        found["histogram"] = {"count": 64, "min": 0, "max": 255, "buckets": [r.randrange(9999) for _ in range(64)]}
    return found


def _checksum(r: random.Random) -> Json:
    return {"file:size": r.randrange(10**8), "file:checksum": f"1220{r.getrandbits(256):064x}"}


def landsat(r: random.Random) -> Json:
    """Landsat Collection 2: many assets, each with bands, alternates and where it is stored."""
    classes = [{"value": i, "name": n, "description": f"Pixel is {n}"} for i, n in enumerate(("not_cloud", "cloud"))]
    fields = [
        {"name": n, "offset": i, "length": 1, "description": n, "classes": classes} for i, n in enumerate("abcdefg")
    ]
    assets: Json = {}
    for key in (
        "coastal",
        "blue",
        "green",
        "red",
        "nir08",
        "swir16",
        "swir22",
        "lwir11",
        *("st_a", "st_b", "st_c", "st_d"),
    ):
        alternate = {
            "s3": {"storage:platform": "AWS", "storage:requester_pays": True, "href": f"s3://bucket/{key}.TIF"}
        }
        assets[key] = (
            asset(key) | {"eo:bands": bands(r), "alternate": alternate, "raster:bands": [_raster(r)]} | _checksum(r)
        )
    assets["qa_pixel"] = asset("qa", roles=("cloud",)) | {"classification:bitfields": fields} | _checksum(r)
    assets |= {key: asset(key, "application/json", ("metadata",)) for key in ("mtl.json", "mtl.xml", "ang", "index")}
    extensions = [
        *(ext("raster", r.choice(["1.0.0", "1.1.0"])), ext("eo", "1.0.0"), ext("view", "1.0.0")),
        *(ext("projection", r.choice(["1.0.0", "1.1.0"])), ext("classification", r.choice(["1.0.0", "1.1.0"]))),
        *(ext("alternate-assets", "1.1.0"), ext("storage", "1.0.0"), ext("file", r.choice(["2.0.0", "2.1.0"]))),
        "https://landsat.usgs.gov/stac/landsat-extension/v1.1.1/schema.json",
    ]
    cloud = round(r.uniform(0, 100), 2)
    properties = {
        "platform": "landsat-8",
        "instruments": ["oli", "tirs"],
        "created": "2022-05-06T18:04:17.126Z",
        "gsd": 30,
        "description": "Landsat Collection 2 Level-2",
        "eo:cloud_cover": cloud,
        "view:off_nadir": 0,
        "view:sun_elevation": round(r.uniform(0, 80), 4),
        "view:sun_azimuth": round(r.uniform(0, 360), 4),
        "landsat:cloud_cover_land": cloud,
        "landsat:wrs_type": "2",
        "landsat:wrs_path": f"{r.randint(1, 233):03d}",
        "landsat:wrs_row": f"{r.randint(1, 248):03d}",
        "landsat:collection_category": "T1",
        "landsat:correction": "L2SP",
        "landsat:collection_number": "02",
        "landsat:scene_id": "LC80440332022126LGN00",
        "sci:doi": "10.5066/P9OGBGM6",
        **grid(r, 30.0),
    }
    return item(r, "landsat-c2-l2", extensions, properties, assets)


def sentinel_2(r: random.Random) -> Json:
    """Sentinel-2 L2A of STAC 1.0.0: up to 35 assets."""
    keys = [
        f"{band}{end}"
        for band in ("aot", "blue", "green", "red", "nir", "scl", "wvp", "swir16")
        for end in ("", "-jp2")
    ]
    assets = {
        key: asset(key) | {"eo:bands": bands(r), "gsd": 10, "raster:bands": [_raster(r)]} | grid(r) for key in keys
    }
    for each in assets.values():
        del each["proj:epsg"]
    if r.random() < 0.5:
        assets |= {f"meta{i}": asset(f"meta{i}", "application/xml", ("metadata",)) for i in range(18)}
    extensions = [
        *(ext("eo", r.choice(["1.0.0", "1.1.0"])), ext("mgrs", "1.0.0"), ext("grid", "1.1.0"), ext("view", "1.0.0")),
        *(ext("raster", "1.1.0"), ext("projection", r.choice(["1.0.0", "1.1.0"])), ext("sentinel-2", "1.0.0")),
    ]
    names = ("water", "vegetation", "cloud_shadow", "not_vegetated", "unclassified", "snow_ice", "thin_cirrus")
    properties = {
        "platform": "sentinel-2a",
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "grid:code": "MGRS-31UDQ",
        "mgrs:utm_zone": 31,
        "mgrs:latitude_band": "U",
        "mgrs:grid_square": "DQ",
        "s2:product_uri": "S2A_X.SAFE",
        "s2:datatake_id": "GS2A_2022",
        "s2:processing_baseline": "04.00",
        "s2:reflectance_conversion_factor": 1.03,
        **{f"s2:{name}_percentage": round(r.uniform(0, 100), 6) for name in names},
        "eo:cloud_cover": round(r.uniform(0, 100), 6),
        "view:sun_azimuth": 160.2,
        "proj:epsg": 32631,
    }
    return item(r, "sentinel-2-l2a", extensions, properties, assets)


def sentinel_2_new(r: random.Random) -> Json:
    """The same product as STAC 1.1.0 describes it: bands of core, `proj:code`, raster 2.0.0."""
    classes = [{"value": i, "name": f"c{i}", "title": f"Class {i}", "color_hint": f"{i:06X}"} for i in range(12)]
    assets = {}
    for key in r.sample(_NAMES, r.randint(4, 12)):
        band = {"name": key, "eo:common_name": key, "raster:scale": 0.0001, "raster:offset": -0.1}
        assets[key] = (
            asset(key)
            | {"bands": [band], "gsd": 10, "data_type": "uint16", "nodata": 0}
            | grid(r, old=False)
            | _checksum(r)
        )
    assets["scl"] = asset("scl") | {"classification:classes": classes, "raster:sampling": "area"} | _checksum(r)
    extensions = [
        *(ext("raster", "2.0.0"), ext("projection", r.choice(["2.0.0", "2.1.0"])), ext("classification", "2.0.0")),
        *(
            ext("file", "2.1.0"),
            ext("processing", r.choice(["1.1.0", "1.2.0"])),
            ext("view", r.choice(["1.0.0", "1.1.0"])),
        ),
        *(ext("authentication", "1.1.0"), ext("storage", "2.0.0")),
    ]
    schemes = {"cdse": {"type": "custom-s3", "platform": "https://s3.example.org", "requester_pays": False}}
    flows = {"authorizationCode": {"authorizationUrl": f"{HOST}/a", "tokenUrl": f"{HOST}/t", "scopes": {}}}
    properties = {
        "processing:level": "L2",
        "processing:facility": "ESA",
        "processing:software": {"eometadatatool": "251106"},
        "view:sun_elevation": 39.2,
        "gsd": 10,
        "auth:schemes": {"oidc": {"type": "oauth2", "flows": flows}},
        "storage:schemes": schemes,
        "statistics": {"water": 3.1},
        "proj:code": "EPSG:32631",
    }
    return item(r, "sentinel-2-l2a-new", extensions, properties, assets) | {"stac_version": "1.1.0"}


def sentinel_1(r: random.Random) -> Json:
    """Sentinel-1 GRD: sar and sat, few assets, a box that is larger than the footprint."""
    assets = {key: asset(key) | {"sar:polarizations": [key.upper()]} for key in ("vv", "vh")}
    assets |= {
        f"schema-{key}": asset(key, "application/xml", ("metadata",)) for key in ("calibration", "noise", "product")
    }
    properties = {
        "platform": "SENTINEL-1A",
        "constellation": "Sentinel-1",
        "instruments": ["c-sar"],
        "sar:center_frequency": 5.405,
        "sar:instrument_mode": "IW",
        "sar:frequency_band": "C",
        "sar:polarizations": ["VV", "VH"],
        "sar:product_type": "GRD",
        "sar:looks_range": 5,
        "sar:looks_azimuth": 1,
        "sar:pixel_spacing_range": 10,
        "sar:looks_equivalent_number": 4.4,
        "sar:observation_direction": "right",
        "sat:orbit_state": "ascending",
        "sat:absolute_orbit": r.randint(1, 60000),
        "sat:relative_orbit": r.randint(1, 175),
        "proj:epsg": None,
        "sat:platform_international_designator": "2014-016A",
        "published": "2022-01-01T00:00:00Z",
        "start_datetime": "2022-01-01T00:00:00Z",
        "end_datetime": "2022-01-01T00:00:25.5Z",
    }
    extensions = [ext("sar", "1.0.0"), ext("sat", "1.0.0"), ext("projection", "1.0.0"), ext("timestamps", "1.1.0")]
    return item(r, "sentinel-1-grd", extensions, properties, assets)
