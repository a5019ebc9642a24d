"""A preview of vectors: three components as colours, fitted once per space, and figures to check decoding by."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError, UnreadableInput
from atlas.read.identity import Identity
from atlas.uses.blocks import Vectors, checked, sampled

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr
    from PIL import Image

__all__ = ["Components", "components_of", "figures", "fitted", "kept_components", "preview"]

Numbers = npt.NDArray[np.float64]
DIGITS = 6
"""Decimals that are kept of components."""


@dataclass(frozen=True, slots=True)
class Components:
    """Three components of a space: a vector has the same colour in every tile and year.

    Attributes:
        mean: shape (dimensions,).
        axes: shape (3, dimensions); the largest number of each is positive, so that another fit does not flip colours.
        low, high: projections that become 0 and 1, shape (3,): the 2nd and 98th percentile of the sample.
        identity: of the vectors.
        sample: number of vectors that were fitted.
    """

    mean: Numbers
    axes: Numbers
    low: Numbers
    high: Numbers
    identity: Identity
    sample: int

    def colours(self, cube: "xr.DataArray") -> "xr.DataArray":
        """Shape (..., rgb, y, x) of 0 to 1, lazy where the cube is.

        Raises:
            SpaceMismatch: the cube lies in another space.
        """
        import xarray as xr

        checked(cube).with_others([self.identity], accept_licences=True)
        axes = xr.DataArray(self.axes, dims=("rgb", "dim"))
        low, high = (xr.DataArray(v, dims="rgb") for v in (self.low, self.high))
        found = xr.dot(cube, axes, dim="dim") - xr.DataArray(self.axes @ self.mean, dims="rgb")
        shown: xr.DataArray = ((found - low) / (high - low)).transpose(..., "rgb", "y", "x").astype(np.float32)
        shown.attrs = dict(cube.attrs)
        return shown

    def colours_of(self, vectors: Vectors, identity: Identity) -> Vectors:
        """Of vectors of shape (n, dimensions), shape (n, 3) of 0 to 1; NaN where there is none.

        Raises:
            SpaceMismatch: they lie in another space.
        """
        identity.with_others([self.identity], accept_licences=True)
        found = (np.asarray(vectors, np.float64) - self.mean) @ self.axes.T
        return ((found - self.low) / (self.high - self.low)).astype(np.float32)

    def as_json(self) -> dict[str, Any]:
        """The fit, for others to repeat."""
        return {
            "space": self.identity.space,
            "normalization": self.identity.normalization,
            "sample": self.sample,
            **{k: np.round(getattr(self, k), DIGITS).tolist() for k in ("mean", "axes", "low", "high")},
        }

    @classmethod
    def read(cls, path: Path) -> "Components":
        """A stored fit.

        Raises:
            UnreadableInput: the file does not hold one.
        """
        try:
            found = json.loads(path.read_text("utf-8"))
            mean, axes, low, high = (np.asarray(found[k], np.float64) for k in ("mean", "axes", "low", "high"))
            fits = axes.shape == (3, len(mean)) and low.shape == high.shape == (3,) and bool((high > low).all())
            space, sample = str(found["space"]), int(found["sample"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnreadableInput(f"{path}: no components of a space: {error}") from error
        if not fits:
            msg = f"{path}: no components of a space: three axes of as many numbers as the mean, each with a range"
            raise UnreadableInput(msg)
        return cls(mean, axes, low, high, Identity(space, len(mean), found.get("normalization")), sample)


def components_of(vectors: Vectors, identity: Identity) -> Components:
    """The three principal components of vectors of shape (n, dimensions).

    Raises:
        RestoreError: there are fewer than four.
    """
    values = vectors.astype(np.float64)
    if len(values) < 4 or values.shape[1] < 3:
        msg = f"three components of {len(values)} vectors of {values.shape[1]} dimensions cannot be fitted"
        raise RestoreError(msg)
    mean = values.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov(values - mean, rowvar=False))
    axes = axes.T[::-1][:3]
    largest = axes[np.arange(3), np.abs(axes).argmax(axis=1)]
    axes = axes * np.where(largest < 0, -1, 1)[:, np.newaxis]
    # Rounded as they are stored, so that stored components give the same picture.
    mean, axes = np.round(mean, DIGITS), np.round(axes, DIGITS)
    low, high = np.round(np.percentile((values - mean) @ axes.T, (2, 98), axis=0), DIGITS)
    return Components(mean, axes, low, np.where(high > low, high, low + 1e-6), identity, len(values))


def kept_components(space: str | None, folder: Path) -> Components | None:
    """The stored components of a space, or None."""
    path = folder / "components" / f"{space}.json"
    return Components.read(path) if path.is_file() else None


def figures(vectors: Vectors, identity: Identity) -> dict[str, Any]:
    """Histograms of the numbers and of the lengths of vectors, an example vector, and what looks wrong.

    Args:
        vectors: shape (n, dimensions).
        identity: what they are.
    """
    values = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(values, axis=1)
    counts, edges = np.histogram(values, bins=40)
    of_lengths, length_edges = np.histogram(lengths, bins=20)
    doubts = []
    if identity.normalization == "unit" and np.abs(np.median(lengths) - 1) > 0.02:
        doubts.append(
            f"vectors should have length 1 and have {np.median(lengths):.3f}: "
            "the quantization rule is wrong, or they were resampled"
        )
    if (zero := float((lengths == 0).mean())) > 0:
        doubts.append(f"{zero:.1%} of the vectors are zero: they may stand for missing ones")
    if (flat := float((np.ptp(values, axis=1) == 0).mean())) > zero:
        doubts.append(f"{flat:.1%} of the vectors repeat one number throughout")
    return {
        "vectors": len(values),
        "values": {"counts": counts.tolist(), "edges": np.round(edges, 6).tolist()},
        "lengths": {
            "counts": of_lengths.tolist(),
            "edges": np.round(length_edges, 6).tolist(),
            "mean": float(lengths.mean()),
        },
        "example": np.round(values[0], 6).tolist(),
        "doubts": doubts,
    }


def fitted(found: "xr.DataArray | pa.Table") -> Components:
    """The components of what `atlas.open` returned: from all patches, or from 40,000 vectors of all years of a cube.

    Raises:
        RestoreError: there are too few vectors.
    """
    import pyarrow as pa

    if not isinstance(found, pa.Table):
        return components_of(sampled(found, 40_000, 0), checked(found))
    from atlas.read.patches import matrix, table_identity

    values = matrix(found)
    return components_of(values[np.isfinite(values).all(axis=1)], table_identity(found))


def preview(found: "xr.DataArray | pa.Table", kept: Components | None = None) -> "tuple[Image.Image, dict[str, Any]]":
    """A picture of what `atlas.open` returned, and how it was made.

    Args:
        found: a cube, of which the newest step is shown, or a table of patches.
        kept: the components of its space; by default fitted to these vectors.

    Returns:
        The picture, transparent where there is no vector, and the content of the JSON beside it.

    Raises:
        RestoreError: there are too few vectors.
        SpaceMismatch: the components are those of another space.
    """
    import pyarrow as pa
    import shapely
    from rasterio.warp import transform_bounds

    from atlas.read.patches import matrix, table_identity
    from atlas.uses.preview_picture import patches_picture, pixels_picture

    if isinstance(found, pa.Table):
        identity, values = table_identity(found), matrix(found)
        vectors = values[np.isfinite(values).all(axis=1)]
        fit = kept or fitted(found)
        places = shapely.from_wkb(found.column("geometry").to_numpy())
        image = patches_picture(places, fit.colours_of(values, identity))
        there = np.isfinite(values).all(axis=1) & ~shapely.is_missing(places)
        bbox = tuple(shapely.total_bounds(places[there]).tolist())
    else:
        last = found.isel(time=-1) if "time" in found.dims else found
        identity, vectors = checked(found), sampled(last, 40_000, 0)
        fit = kept or fitted(found)
        image = pixels_picture(fit.colours(last).compute())
        ground = found.odc.geobox
        bbox = transform_bounds(str(ground.crs), "OGC:CRS84", *ground.boundingbox)
    story = {
        "bbox": [round(float(n), 6) for n in bbox],
        "size": list(image.size),
        "components": {"of": "the space" if kept else "these vectors", "sample": fit.sample},
        **figures(vectors, identity),
    }
    if not kept:
        story["components"] |= fit.as_json()
    return image, story
