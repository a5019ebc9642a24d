"""The mask asset that `emb:layout` names: at which pixels there is no vector."""

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.formats.raster import open_raster
from atlas.read.files import kept
from atlas.read.nodata import hits
from atlas.read.spec import AssetSpec

__all__ = ["masked_by_asset"]


def masked_by_asset(spec: AssetSpec, rows: slice, columns: slice) -> npt.NDArray[np.bool_] | None:
    """Where the mask in another asset marks pixels as having no vector; None where the layout names no such mask.

    Raises:
        RestoreError: the asset does not exist, or lacks the band or the pixels.
        UnreadableInput: it cannot be read.
    """
    mask = spec.layout.mask if spec.layout else None
    if mask is None or mask.asset is None:
        return None
    href, band = spec.sibling(mask.asset, "mask is"), mask.band or 1
    with kept(href) as stream, open_raster(stream, href) as dataset:
        if not (rows.stop <= dataset.height and columns.stop <= dataset.width and band <= dataset.count):
            raise RestoreError(
                f"{href}: the mask has no band {band} with the pixel of row {rows.stop - 1} "
                f"and column {columns.stop - 1}"
            )
        values = dataset.read(band, window=((rows.start, rows.stop), (columns.start, columns.stop)))
    return hits(values, mask.sentinels)
