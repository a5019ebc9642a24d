"""Documents as varied as those of public catalogues, made up from a seed.

The mixed benchmark takes its documents from here, and so does the test that compares verdicts with `jsonschema`.
"""

import random
from collections.abc import Callable

from bench._scenes import HOST, Json, asset, bands, ext, grid, item, landsat, sentinel_1, sentinel_2, sentinel_2_new
from stac_emb.identity import SCHEMA_URI

__all__ = ["SHAPES", "documents"]


def naip(r: random.Random) -> Json:
    """An aerial image: one COG with four bands, with its CRS as PROJJSON now and then."""
    properties = {
        "gsd": 0.6,
        "naip:year": "2020",
        "naip:state": "de",
        "providers": [{"name": "USDA", "roles": ["producer"]}],
    }
    properties |= grid(r, 0.6) | {"proj:bbox": [437664.0, 4384500.0, 443304.0, 4391964.0]}
    properties["proj:centroid"] = {"lat": 39.6, "lon": -75.6}
    if r.random() < 0.5:
        properties |= {"proj:projjson": _projjson(), "proj:wkt2": "PROJCS[...]"}
    assets = {
        "image": asset("image") | {"eo:bands": bands(r, 4)},
        "thumbnail": asset("thumbnail", "image/jpeg", ("thumbnail",)),
    }
    return item(r, "naip", [ext("eo", "1.0.0"), ext("projection", r.choice(["1.0.0", "1.1.0"]))], properties, assets)


def _projjson() -> Json:
    axis = [
        {"name": n, "abbreviation": a, "direction": n.lower(), "unit": "metre"}
        for n, a in (("East", "E"), ("North", "N"))
    ]
    lonlat = [
        {"name": f"Geodetic {n}", "abbreviation": n, "direction": d, "unit": "degree"}
        for n, d in (("Lat", "north"), ("Lon", "east"))
    ]
    ellipsoid = {"name": "WGS 84", "semi_major_axis": 6378137, "inverse_flattening": 298.257223563}
    base = {
        "name": "WGS 84",
        "datum": {"type": "GeodeticReferenceFrame", "name": "World Geodetic System 1984", "ellipsoid": ellipsoid},
        "coordinate_system": {"subtype": "ellipsoidal", "axis": lonlat},
    }
    parameters = [
        {"name": name, "value": value, "unit": unit, "id": {"authority": "EPSG", "code": code}}
        for name, value, unit, code in (
            *(("Latitude of natural origin", 0, "degree", 8801), ("Longitude of natural origin", -75, "degree", 8802)),
            *(("Scale factor", 0.9996, "unity", 8805), ("False easting", 500000, "metre", 8806)),
        )
    ]
    method = {"name": "Transverse Mercator", "id": {"authority": "EPSG", "code": 9807}}
    return {
        "type": "ProjectedCRS",
        "name": "WGS 84 / UTM zone 18N",
        "base_crs": base,
        "conversion": {"name": "UTM zone 18N", "method": method, "parameters": parameters},
        "coordinate_system": {"subtype": "Cartesian", "axis": axis},
        "id": {"authority": "EPSG", "code": 32618},
    }


def plain(r: random.Random) -> Json:
    """An Item without any extension."""
    return item(r, "plain", [], {"title": "A scene", "gsd": 3.7}, {"data": asset("data")})


def label(r: random.Random) -> Json:
    """Vector labels, with classes and an overview."""
    names = [f"class-{i}" for i in range(r.randint(2, 20))]
    properties = {
        "label:properties": ["class"],
        "label:description": "Fields",
        "label:type": "vector",
        "label:classes": [{"name": "class", "classes": names}],
        "label:tasks": ["classification"],
        "label:methods": ["manual"],
        "label:overviews": [
            {"property_key": "class", "counts": [{"name": n, "count": r.randrange(99)} for n in names]}
        ],
    }
    found = item(r, "labels", [ext("label", "1.0.1")], properties, {"labels": asset("labels", "application/geo+json")})
    found["links"].append({"rel": "source", "href": f"{HOST}/scene.json", "label:assets": ["image"]})
    return found


def model(r: random.Random) -> Json:
    """A machine-learning model."""
    version = r.choice(["1.4.0", "1.5.0"])
    names = [f"B{i:02d}" for i in range(r.randint(2, 12))]
    shape = {
        "shape": [-1, len(names), 64, 64],
        "dim_order": ["batch", "bands", "height", "width"],
        "data_type": "float32",
    }
    given: Json = {
        "name": "image",
        "bands": names,
        "input": shape,
        "resize_type": None,
        "pre_processing_function": None,
    }
    given["value_scaling"] = [{"type": "z-score", "mean": 0.5, "stddev": 2} for _ in names]
    classes = [{"value": i, "name": f"c{i}", "description": f"Class {i}"} for i in range(10)]
    result = {"shape": [-1, 10], "dim_order": ["batch", "class"], "data_type": "float32"}
    properties = {
        "mlm:name": "Made-up-model",
        "mlm:architecture": "ResNet-18",
        "mlm:tasks": ["classification"],
        "mlm:framework": "PyTorch",
        "mlm:framework_version": "2.1.2",
        "mlm:total_parameters": 11_700_000,
        "mlm:pretrained": True,
        "mlm:pretrained_source": "ImageNet",
        "mlm:accelerator": "cuda",
        "mlm:input": [given],
        "mlm:output": [
            {"name": "classes", "tasks": ["classification"], "result": result, "classification:classes": classes}
        ],
    }
    roles = ("mlm:model", "mlm:weights")
    bands_of = {"eo:bands": [{"name": name} for name in names]}
    weights = asset("weights", "application/octet-stream", roles) | {"mlm:artifact_type": "torch.save"} | bands_of
    extensions = [ext("mlm", version), ext("eo", "1.1.0"), ext("file", "2.1.0")]
    return item(r, "models", extensions, properties, {"model": weights})


def many_assets(r: random.Random) -> Json:
    """A weather model's run: a hundred or more assets, each with its forecast's variable."""
    assets = {}
    for number in range(r.choice([60, 120, 200])):
        more = {"cf:parameter": [{"name": "air_temperature", "unit": "K"}], "file:size": r.randrange(10**9)}
        assets[f"step-{number}"] = asset(f"step-{number}", "application/wmo-GRIB2") | more
    properties = {
        "processing:version": "1.2",
        "contacts": [{"name": "Desk", "emails": [{"value": "desk@example.org"}]}],
    }
    extensions = [ext("cf", "0.2.0"), ext("file", "2.1.0"), ext("processing", "1.2.0"), ext("contacts", "0.1.1")]
    return item(r, "forecast", extensions, properties, assets)


def cube(r: random.Random) -> Json:
    """A data cube in Zarr."""
    axes = {name: {"type": "spatial", "axis": name, "extent": [0, 100], "reference_system": 4326} for name in "xy"}
    when = ["2020-01-01T00:00:00Z", "2020-12-31T00:00:00Z"]
    dimensions = axes | {"time": {"type": "temporal", "extent": when, "step": "P1D"}}
    variables = {
        f"v{i}": {"dimensions": ["time", "y", "x"], "type": "data", "unit": "K"} for i in range(r.randint(1, 25))
    }
    properties = {"cube:dimensions": dimensions, "cube:variables": variables}
    opened = {"xarray:open_kwargs": {"consolidated": True}, "xarray:storage_options": {"anon": True}}
    extensions = [ext("datacube", "2.2.0"), ext("xarray-assets", "1.0.0")]
    return item(r, "cube", extensions, properties, {"zarr": asset("zarr", "application/vnd+zarr") | opened})


def embedding(r: random.Random) -> Json:
    """Stored embeddings of a tile."""
    quantization = {"method": "linear", "scale": 0.0078125, "offset": 0, "original_data_type": "float32"}
    properties = {
        "emb:type": "pixel",
        "emb:dimensions": 64,
        "emb:space": "alphaearth-v2.1",
        "gsd": 10,
        "start_datetime": "2021-01-01T00:00:00Z",
        "end_datetime": "2021-12-31T23:59:59Z",
    }
    layout = {"emb:layout": {"kind": "bands"}, "emb:quantization": quantization, "data_type": "int8"}
    found = item(r, "embeddings", [SCHEMA_URI], properties, {"embeddings": asset("embeddings") | layout})
    return found | {"stac_version": "1.1.0"}


def _collection(r: random.Random, extensions: list[str]) -> Json:
    name = f"collection-{r.randrange(10**6)}"
    return {
        "type": "Collection",
        "stac_version": "1.0.0",
        "id": name,
        "title": name,
        "stac_extensions": extensions,
        "description": "Made-up data. " * r.randint(1, 20),
        "license": r.choice(["CC-BY-4.0", "proprietary", "MIT"]),
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]]},
            "temporal": {"interval": [["2015-01-01T00:00:00Z", None]]},
        },
        "keywords": ["made up", "satellite"],
        "providers": [{"name": "Institute", "roles": ["producer", "host"], "url": HOST}],
        "links": [
            {"rel": "self", "href": f"{HOST}/stac/collections/{name}", "type": "application/json"},
            *(
                {"rel": "item", "href": f"./items/{i}.json", "type": "application/geo+json"}
                for i in range(r.choice([0, 3, 80]))
            ),
        ],
    }


def old_collection(r: random.Random) -> Json:
    """A Collection of 1.0.0 with definitions of its Items' assets, summaries, and how to draw them."""
    eo = [{"name": f"B{i:02d}", "common_name": "red"} for i in range(8)]
    assets = {
        f"a{i}": {"title": f"Asset {i}", "type": "image/tiff", "roles": ["data"], "eo:bands": eo} for i in range(9)
    }
    renders = {
        "true": {"title": "True colour", "assets": ["a1", "a2"], "rescale": [[0, 3000]], "resampling": "bilinear"}
    }
    summaries = {"gsd": [10, 20], "platform": ["sentinel-2a"], "eo:cloud_cover": {"minimum": 0, "maximum": 100}}
    extensions = [ext("item-assets", "1.0.0"), ext("eo", "1.0.0"), ext("render", r.choice(["1.0.0", "2.0.0"]))]
    extensions += [ext("scientific", "1.0.0")]
    more: Json = {"item_assets": assets, "renders": renders, "summaries": summaries, "sci:doi": "10.5066/P9OGBGM6"}
    return _collection(r, extensions) | more


def new_collection(r: random.Random) -> Json:
    """A Collection of 1.1.0 with bands, themes and the contacts of its makers."""
    assets = {
        f"a{i}": {"title": "x", "roles": ["data"], "bands": [{"name": "b1"}], "raster:scale": 0.1} for i in range(5)
    }
    concepts = [{"id": f"concept-{i}"} for i in range(3)]
    extensions = [ext("raster", "2.0.0"), ext("themes", "1.0.0"), ext("contacts", "0.1.1"), ext("version", "1.2.0")]
    extensions += [ext("osc", "1.0.0")] if r.random() < 0.5 else []
    more: Json = {
        "item_assets": assets,
        "themes": [{"scheme": f"{HOST}/themes", "concepts": concepts}],
        "version": "1.0",
        "contacts": [{"name": "A. Person", "roles": ["author"]}],
        "deprecated": False,
        "stac_version": "1.1.0",
        "osc:type": "product",
        "osc:status": "ongoing",
        "osc:project": "made-up",
        "osc:variables": ["soil-moisture"],
    }
    return _collection(r, extensions) | more


def catalog(r: random.Random) -> Json:
    """A Catalog of either version with some children."""
    links = [
        {"rel": "child", "href": f"./{i}/collection.json", "title": f"Child {i}"} for i in range(r.choice([2, 20, 100]))
    ]
    version = r.choice(["1.0.0", "1.1.0"])
    found = {
        "type": "Catalog",
        "stac_version": version,
        "id": f"catalog-{r.randrange(10**6)}",
        "description": "A catalog",
    }
    return found | {"links": [{"rel": "root", "href": "./catalog.json"}, *links]}


SHAPES: dict[str, tuple[Callable[[random.Random], Json], int]] = {
    "landsat": (landsat, 14),
    "sentinel-2": (sentinel_2, 16),
    "sentinel-2, new": (sentinel_2_new, 10),
    "sentinel-1": (sentinel_1, 8),
    "naip": (naip, 12),
    "plain": (plain, 8),
    "label": (label, 5),
    "model": (model, 4),
    "many assets": (many_assets, 3),
    "cube": (cube, 4),
    "embedding": (embedding, 5),
    "catalog": (catalog, 3),
    "collection 1.0.0": (old_collection, 5),
    "collection 1.1.0": (new_collection, 3),
}
"""Name of a shape to what makes it, and how often it comes in a hundred."""


def documents(count: int, seed: int = 1) -> list[Json]:
    """Documents of all shapes in the mixture; each is valid."""
    r = random.Random(seed)  # so that the documents are the same each time
    makers, weights = zip(*SHAPES.values(), strict=True)
    return [make(r) for make in r.choices(makers, weights, k=count)]
