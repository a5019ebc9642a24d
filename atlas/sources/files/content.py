"""Where the vectors of a file lie, by its own header or footer."""

import shapely

from atlas.grids.projected import bounds_polygon, padded, projected_polygon
from atlas.records.product import Product
from atlas.sources.files.footers import Footer
from atlas.sources.raster import RasterHeader

__all__ = ["raster_place", "table_place"]

DEGREES = {"EPSG:4326", "OGC:CRS84"}
LIMITS = (181, 91, 181, 91)


def raster_place(header: RasterHeader) -> shapely.Geometry | None:
    """Footprint of a raster in longitude and latitude; None where it has no CRS.

    Raises:
        ValueError: it has no place on the globe.
    """
    if header.crs is None:
        return None
    a, b, c, d, e, f = header.transform
    xs = [c + a * x + b * y for x in (0, header.width) for y in (0, header.height)]
    ys = [f + d * x + e * y for x in (0, header.width) for y in (0, header.height)]
    box = (min(xs), min(ys), max(xs), max(ys))
    return bounds_polygon(*box) if header.crs in DEGREES else projected_polygon(header.crs, *box)


def table_place(footer: Footer, product: Product) -> shapely.Geometry | None:
    """Footprint of a table's vectors in longitude and latitude; None where its footer does not say.

    Raises:
        ValueError: it has no place on the globe.
    """
    box = footer.bounds
    if box is None and footer.centres is not None:
        box = padded(*footer.centres, _half_size(product))
    if box is None:
        return None
    # Some files declare a projected CRS and hold degrees: numbers that are degrees are taken as such.
    degrees = all(abs(v) <= limit for v, limit in zip(box, LIMITS, strict=True))
    plain = footer.crs is None or degrees
    return bounds_polygon(*box) if plain else projected_polygon(str(footer.crs), *box)


def _half_size(product: Product) -> float:
    """Half the side of a patch in metres, 0 where the record does not say."""
    size = (product.embedding.footprint or {}).get("size")
    metres = (product.embedding.footprint or {}).get("unit") == "m"
    return max(size) / 2 if metres and isinstance(size, list) and size else 0.0
