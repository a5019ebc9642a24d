"""Check the geometries of a batch before PostGIS sees them: which cannot be searched, and which must be repaired.

Footprints that cross themselves are common. GEOS finds them in some places and not in others, so they are searched by
the repaired geometry; the original goes into the column `private`, and is what the API answers.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from atlas.store.load.parquet import geojson
from stac_emb.geometries import check_geometry
from stac_emb.inputs.wkb import from_wkb, why_unreadable

__all__ = ["Footprints", "judge"]

# A little-endian polygon of one ring with five positions: nearly every footprint.
_BOX_HEAD = np.frombuffer(b"\x01\x03\0\0\0\x01\0\0\0\x05\0\0\0", np.uint8)
_BOX_BYTES = len(_BOX_HEAD) + 5 * 16


@dataclass(frozen=True, slots=True)
class Footprints:
    """What was found; rows are those of the batch."""

    faults: dict[str, list[int]]
    """Rows that cannot be searched, by reason."""
    repaired: dict[int, tuple[bytes, bytes]]
    """Rows that cross themselves: the repaired geometry as WKB, and the value of `private` as JSON."""


def judge(wkb: pa.Array) -> Footprints:
    """Check each geometry of a binary column; nulls are passed over."""
    found = Footprints({}, {})
    rows = np.flatnonzero(~_plain(wkb) & wkb.is_valid().to_numpy(zero_copy_only=False))
    if len(rows):
        shapes = from_wkb(wkb.take(pa.array(rows)).to_numpy(zero_copy_only=False))
        # A geometry that cannot be read is None here, which is not valid either.
        for row in rows[~shapely.is_valid(shapes) | shapely.is_empty(shapes)].tolist():
            _judge_one(wkb[row].as_py(), row, found)
    return found


def _plain(wkb: pa.Array) -> npt.NDArray[np.bool_]:
    """Rows whose footprint is a convex quadrilateral, which is always valid."""
    lengths = pc.fill_null(pc.binary_length(wkb), 0).to_numpy(zero_copy_only=False)
    plain: npt.NDArray[np.bool_] = lengths == _BOX_BYTES
    if not plain.any():
        return plain
    boxes = wkb if plain.all() else wkb.filter(pa.array(plain))
    start = int(np.frombuffer(boxes.buffers()[1], np.int32)[boxes.offset])
    data = np.frombuffer(boxes.buffers()[2], np.uint8, len(boxes) * _BOX_BYTES, start).reshape(-1, _BOX_BYTES)
    ring = np.ascontiguousarray(data[:, len(_BOX_HEAD) :]).view("<f8").reshape(-1, 5, 2)
    with np.errstate(all="ignore"):
        edges = np.diff(ring, axis=1)
        nexts = np.roll(edges, -1, axis=1)
        turns = edges[:, :, 0] * nexts[:, :, 1] - edges[:, :, 1] * nexts[:, :, 0]
    # Not a number compares as false with everything.
    sound = (turns > 0).all(axis=1) | (turns < 0).all(axis=1)
    sound &= np.isfinite(ring).all(axis=(1, 2)) & (ring[:, 0] == ring[:, 4]).all(axis=1)
    plain[plain] = sound & (data[:, : len(_BOX_HEAD)] == _BOX_HEAD).all(axis=1)
    return plain


def _judge_one(value: bytes, row: int, found: Footprints) -> None:
    (shape,) = from_wkb([value])
    if shape is None:
        found.faults.setdefault(f"geometry: cannot be read ({why_unreadable(value)})", []).append(row)
        return
    sent = geojson(value)
    for finding in check_geometry(sent):
        if finding.level == "fault":
            found.faults.setdefault(f"geometry: {finding.message.partition(', ')[0]}", []).append(row)
            return
    # As `atlas.repaired` in the database does it: the area that the rings enclose.
    whole = shapely.make_valid(shape, method="structure", keep_collapsed=True)
    found.repaired[row] = (shapely.to_wkb(whole), orjson.dumps({"geometry": sent}))
