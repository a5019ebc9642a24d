"""From tiles of the TESSERA grid to index rows: ids, footprints, years, hrefs on the host that the record names."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from atlas.errors import SourceError
from atlas.grids import tessera, utm
from atlas.grids.bounds import Integers, Mask
from atlas.records.distributions import MEDIA_TYPES
from atlas.records.product import Product
from atlas.sources.base import Source
from atlas.sources.columns import year_interval
from atlas.sources.naming import render

__all__ = [
    "EMBEDDINGS",
    "FIRST_YEAR",
    "LAST_YEAR",
    "SCALES",
    "Tiles",
    "asset_constants",
    "href_templates",
    "tile_columns",
]

FIRST_YEAR, LAST_YEAR = 2014, 2099
"""TESSERA reads Sentinel-1, in orbit since 2014; the upper bound keeps a hostile file from filling the memory."""
EMBEDDINGS, SCALES = 1, 2
"""Bits of `Tiles`."""
_CELLS = tessera.COLUMNS * tessera.ROWS


# Few different texts of coordinates exist, so they are looked up and not formatted.
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
            "type": MEDIA_TYPES["geotiff"],
            "roles": ["land-water", "metadata"],
        },
    }
    return {key: constants[key] for key in href_templates(source.product)}


def tile_columns(source: Source, year: Integers, lon: Integers, lat: Integers) -> dict[str, pa.Array]:
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


class Tiles:
    """Which files of which tiles were seen in a shard: two bits per cell and year, so that memory is bounded."""

    def __init__(self) -> None:
        self._seen: dict[int, npt.NDArray[np.uint8]] = {}

    def new(self, year: Integers, cell: Integers, bit: npt.NDArray[np.uint8]) -> Mask:
        """Mark files as seen; which of them were not before, within the call and since the beginning."""
        fresh = np.zeros(len(cell), dtype=np.bool_)
        # The first of equal keys: np.unique gives the index of each key's first occurrence.
        fresh[np.unique((year * _CELLS + cell) * 4 + bit, return_index=True)[1]] = True
        for one in np.unique(year):
            if (seen := self._seen.get(int(one))) is None:
                seen = self._seen[int(one)] = np.zeros(_CELLS, dtype=np.uint8)
            of_year = year == one
            fresh[of_year] &= (seen[cell[of_year]] & bit[of_year]) == 0
            for value in (EMBEDDINGS, SCALES):
                seen[cell[of_year & (bit == value)]] |= np.uint8(value)
        return fresh
