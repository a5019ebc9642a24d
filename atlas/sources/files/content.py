"""Where the vectors of a file lie, by its own header or footer."""

import shapely

from atlas.formats.footers import Footer
from atlas.formats.raster import RasterHeader
from atlas.grids.projected import beyond_its_area, bounds_polygon, footprint, padded, projected_polygon
from atlas.records.product import Product

__all__ = ["raster_place", "table_place"]

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
    return footprint(header.crs, min(xs), min(ys), max(xs), max(ys))


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
    if footer.crs is None:
        return bounds_polygon(*box)
    # Some files declare a projected CRS and hold degrees: their numbers lie outside its area of use.
    degrees = all(abs(v) <= limit for v, limit in zip(box, LIMITS, strict=True))
    if degrees and beyond_its_area(footer.crs, *box):
        return bounds_polygon(*box)
    return projected_polygon(footer.crs, *box)


def _half_size(product: Product) -> float:
    """Half the side of a patch in metres, 0 where the record does not say."""
    size = (product.embedding.footprint or {}).get("size")
    metres = (product.embedding.footprint or {}).get("unit") == "m"
    return max(size) / 2 if metres and isinstance(size, list) and size else 0.0
