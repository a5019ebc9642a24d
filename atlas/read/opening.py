"""`atlas.open`: arrays and tables of vectors with their coordinates, from Items alone."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from operator import index
from typing import TYPE_CHECKING, Any

from atlas.errors import RestoreError
from atlas.read.collect import items_of
from atlas.read.identity import Identity, product_of, record_of
from atlas.read.issues import tell
from atlas.read.paying import settle
from atlas.read.spec import AssetSpec, asset_spec
from atlas.read.windows import holds_rows
from stac_emb.boxes import Box

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

__all__ = ["open_vectors", "specs_of"]

Json = Mapping[str, Any]


def open_vectors(
    items: object,
    *,
    bbox: Sequence[float] | None = None,
    years: int | Iterable[int] | None = None,
    key: str | None = None,
    collection: Json | None = None,
    crs: str | None = None,
    resolution: float | None = None,
    like: Any = None,  # noqa: ANN401 - an array with `.odc.geobox`
    resampling: str = "nearest",
    snap: bool = False,
    accept_licences: bool = False,
    requester_pays: bool = False,
    missing: str = "raise",
) -> "xr.DataArray | xr.DataTree | pa.Table":
    """Open the vectors of Items by their metadata alone.

    Args:
        items: an Item, a collection or a list of them, as JSON or pystac objects; the path of a JSON or
            stac-geoparquet file; a folder of parts.
        bbox: west, south, east, north in degrees; west may be greater than east.
        years: a year or several; all by default.
        key: of the asset, where Items have several that hold vectors.
        collection: the Items' Collection, where they do not state everything themselves.
        crs: one CRS for all; by default pixels keep their own.
        resolution: size of a pixel in the units of `crs`.
        like: an array whose grid is used instead.
        resampling: `nearest`, or `average` of dequantised vectors.
        snap: shift tiles whose pixels do not align by less than half a pixel.
        accept_licences: the caller has read licences that may conflict, and they are compatible.
        requester_pays: the caller agrees to pay for the transfer (`storage:requester_pays`).
        missing: `raise` where a file cannot be opened, or `skip` it: a `LeftOutWarning` says which and why, as does
            `left_out` of the identity. Only headers of pixels are read now: a block that cannot be read later is an
            error.

    Returns:
        For pixels an array (time, dim, y, x), float32, NaN where there is no vector, in lazy chunks that follow the
        files' blocks; where tiles lie in several CRS and `crs` is not given, a tree with one array for each. For
        patches an Arrow table: geometry (WKB, longitude and latitude), embedding (fixed-size list), item, row, time.

    Raises:
        RestoreError: the metadata do not say enough or do not fit the files; the Items lie in several spaces, or their
            licences do not fit.
        UnreadableInput: a file cannot be read.
    """
    box = _box(bbox)
    found, identity = specs_of(
        items, box, years, key, collection, accept_licences=accept_licences, requester_pays=requester_pays
    )
    rows = {holds_rows(spec) for _, spec in found}
    if len(rows) > 1:
        raise RestoreError("some of the Items hold pixels and others rows of tables: open them one after the other")
    if rows == {True}:
        from atlas.read.patches import patches_of

        return patches_of(found, identity, box, missing)
    from atlas.read.cube import cube_of

    return cube_of(
        found,
        identity,
        bbox=box,
        crs=crs,
        resolution=resolution,
        like=like,
        resampling=resampling,
        snap=snap,
        missing=missing,
    )


def specs_of(
    items: object,
    bbox: Sequence[float] | None = None,
    years: int | Iterable[int] | None = None,
    key: str | None = None,
    collection: Json | None = None,
    *,
    accept_licences: bool = False,
    requester_pays: bool = False,
) -> tuple[list[tuple[Json, AssetSpec]], Identity]:
    """The Items of a place and years with the specification of their assets, and the identity of all their vectors.

    Raises:
        RestoreError: see `open_vectors`.
        UnreadableInput: likewise.
    """
    box, wanted = _box(bbox), _years(years)
    given = items_of(items, box)
    found: list[tuple[Json, AssetSpec]] = []
    for item in given:
        spec = asset_spec(item, key, collection)
        if wanted is None or spec.year in wanted:
            found.append((item, spec))
    if not given:
        raise RestoreError("there are no Items" + ("" if box is None else f" in the box {list(box)}"))
    if not found:
        had = sorted({str(asset_spec(item, key, collection).year) for item in given})
        raise RestoreError(f"no Item is of the years asked for; there are {', '.join(had)}")
    settle([spec for _, spec in found], agreed=requester_pays)
    for one, _ in found:
        product = product_of(one, collection)
        tell(product, one, collection, record_of(product))
    each = [Identity.of_item(item, item["assets"][spec.key], collection) for item, spec in found]
    return found, each[0].with_others(each[1:], accept_licences=accept_licences)


def _box(bbox: object) -> Box | None:
    """A checked box.

    Raises:
        RestoreError: it is not one.
    """
    if bbox is None:
        return None
    try:
        found = tuple(float(n) for n in bbox) if isinstance(bbox, Iterable) and not isinstance(bbox, str) else ()
    except (TypeError, ValueError):
        found = ()
    if len(found) == 4 and all(map(isfinite, found)):
        west, south, east, north = found
        if west != east and -90 <= south < north <= 90:
            return west, south, east, north
    raise RestoreError(f"bbox is west, south, east, north in degrees, not {bbox!r:.200}")


def _years(years: object) -> set[int] | None:
    """The years that are asked for; None for all.

    Raises:
        RestoreError: one is not a whole number.
    """
    if years is None:
        return None
    several = years if isinstance(years, Iterable) and not isinstance(years, str) else [years]
    found = set()
    for one in several:
        if isinstance(one, bool) or not hasattr(one, "__index__"):
            raise RestoreError(f"years are whole numbers, such as 2024 or range(2018, 2025), not {one!r:.80}")
        found.add(index(one))
    return found
