"""From tiles of the TESSERA grid to index rows: ids, footprints, years, hrefs on the host that the record names."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from atlas.errors import SourceError
from atlas.grids import tessera, utm
from atlas.records.product import Product
from atlas.sources.annual import year_interval
from atlas.sources.base import Source
from atlas.sources.checksums import SHA256
from atlas.sources.naming import render
from atlas.sources.tessera.landmasks import Landmasks

__all__ = ["asset_constants", "href_templates", "rows", "tile_columns"]


# A coordinate has one of few texts: looked up, not formatted.
_LON_TEXT = pa.array([f"{k / 100:.2f}" for k in range(-17995, 18000, 10)])
_LAT_TEXT = pa.array([f"{k / 100:.2f}" for k in range(-8995, 9000, 10)])


def href_templates(product: Product) -> dict[str, str]:
    """Href templates of a tile's three files, from the record's NPY distribution.

    The scales lie beside the vectors, the land masks (which hold the georeference) under `landmasks/{version}/` of the
    same root: ucam-eo/geotessera geotessera/registry.py @ ef4c85913e0eb7e9e413890dcf3b23fc0b92a90f. The land mask is
    left out where the record's template does not have that layout.

    Raises:
        SourceError: the record has no NPY distribution with a template.
    """
    templates = [d.url_template for d in product.distributions if d.url_template and d.url_template.endswith(".npy")]
    if not templates:
        msg = f"record '{product.id}': no distribution has a 'url_template' that ends in .npy, so tiles have no address"
        raise SourceError(msg)
    vectors = templates[0]
    found = {"embeddings": vectors, "scales": vectors.removesuffix(".npy") + "_scales.npy"}
    root, marker, rest = vectors.partition("/npy/")
    if marker:
        name = vectors.rsplit("/", 1)[1].removesuffix(".npy")
        found["landmask"] = f"{root}/landmasks/{rest.partition('/')[0]}/{name}.tiff"
    return found


def asset_constants(source: Source) -> Mapping[str, Mapping[str, Any]]:
    """What all tiles share of their assets."""
    dimensions = source.product.embedding.dimensions
    constants: dict[str, Mapping[str, Any]] = {
        "embeddings": {
            "title": f"Quantised vectors, (height, width, {dimensions}) int8",
            "roles": ["data"],
            "data_type": "int8",
        },
        "scales": {
            "title": "Scale of each vector, (height, width) float32",
            "roles": ["metadata"],
            "data_type": "float32",
        },
        "landmask": {
            "title": "Land mask with the tile's CRS and transform",
            "type": "image/tiff; application=geotiff",
            "roles": ["land-water", "metadata"],
        },
    }
    return {key: constants[key] for key in href_templates(source.product)}


def tile_columns(
    source: Source, year: npt.NDArray[np.int64], lon: npt.NDArray[np.int64], lat: npt.NDArray[np.int64]
) -> dict[str, pa.Array]:
    """The columns that follow from year and centre (hundredths of a degree, on the grid and in range)."""
    year_text = pc.cast(pa.array(year), pa.string())
    lon_text = _LON_TEXT.take(pa.array((lon + 17995) // 10))
    lat_text = _LAT_TEXT.take(pa.array((lat + 8995) // 10))
    west, south, east, north = tessera.bounds(lon, lat)
    start, end = year_interval(year)
    columns = {
        "id": pc.binary_join_element_wise(pa.scalar("grid"), lon_text, lat_text, year_text, "_"),
        "west": pa.array(west),
        "south": pa.array(south),
        "east": pa.array(east),
        "north": pa.array(north),
        "start_datetime": start,
        "end_datetime": end,
        "property:proj:code": utm.codes(*tessera.coordinates(lon, lat)),
    }
    texts = {"year": year_text, "lon": lon_text, "lat": lat_text}
    for key, template in href_templates(source.product).items():
        columns[f"asset:{key}:href"] = render(template, texts)
    return columns


def rows(complete: pa.RecordBatch, source: Source, masks: Landmasks | None = None) -> pa.RecordBatch:
    """Index rows of complete tiles (schema `atlas.sources.tessera.lines.COMPLETE`).

    Without a list of land masks every tile is taken to have one.
    """
    year, lon, lat = (complete[name].to_numpy() for name in ("year", "lon", "lat"))
    columns = tile_columns(source, year, lon, lat)
    columns["line"] = complete["line"]
    for key in ("embeddings", "scales"):
        digest = complete[f"{key}_sha256"]
        columns[f"asset:{key}:file:checksum"] = pc.binary_join_element_wise(pa.scalar(SHA256), digest, "")
    if masks is not None:
        masks.apply(columns, lon, lat)
    return pa.record_batch(columns)
