"""UTM zones of points, and their EPSG codes."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from atlas.grids.bounds import Floats

__all__ = ["NORTHERN_LIMIT", "SOUTHERN_LIMIT", "codes", "epsg", "zones"]

SOUTHERN_LIMIT = -80.0
NORTHERN_LIMIT = 84.0
"""Latitudes between which UTM is defined, degrees; beyond them the polar stereographic UPS takes over."""


def zones(lon: Floats, lat: Floats | None = None) -> npt.NDArray[np.int32]:
    """UTM zone numbers, 1 to 60.

    Args:
        lon: degrees in [-180, 180]; 180 belongs to zone 1 as -180 does.
        lat: degrees; given, the exceptions of the MGRS hold: 32V is widened over south-west Norway, and 31X, 33X, 35X
            and 37X share Svalbard. Without it the zones are six degrees wide everywhere.
    """
    zone = (np.floor((lon + 180.0) / 6.0).astype(np.int32) % 60) + 1
    if lat is None:
        return zone
    norway = (lat >= 56.0) & (lat < 64.0) & (lon >= 3.0) & (lon < 12.0)
    zone = np.where(norway, 32, zone)
    svalbard = (lat >= 72.0) & (lat <= NORTHERN_LIMIT) & (lon >= 0.0) & (lon < 42.0)
    by_svalbard = np.select([lon < 9.0, lon < 21.0, lon < 33.0], [31, 33, 35], 37)
    return np.where(svalbard, by_svalbard, zone).astype(np.int32)


def epsg(zone: npt.NDArray[np.int32], lat: Floats) -> npt.NDArray[np.int32]:
    """EPSG numbers of WGS 84 / UTM: 326zz in the north (the equator included), 327zz in the south."""
    return (np.where(lat < 0.0, 32700, 32600) + zone).astype(np.int32)


def codes(lon: Floats, lat: Floats, *, exceptions: bool = False) -> pa.Array:
    """`proj:code` of the UTM zone of each point, such as `EPSG:32631`; null where UTM is not defined.

    Args:
        lon: degrees in [-180, 180], shape (n,).
        lat: degrees, shape (n,).
        exceptions: whether the zones of Norway and Svalbard hold.
    """
    numbers = epsg(zones(lon, lat if exceptions else None), lat)
    outside = (lat < SOUTHERN_LIMIT) | (lat > NORTHERN_LIMIT)
    text = pc.cast(pa.array(numbers, mask=outside), pa.string())
    return pc.binary_join_element_wise(pa.scalar("EPSG"), text, ":")
