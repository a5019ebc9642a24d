"""A look at vectors: three components as colours, fitted once for a space, and figures by which decoding is judged."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.read.identity import Identity
from atlas.uses.blocks import Vectors, checked, sampled

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Components", "components", "figures"]


@dataclass(frozen=True, slots=True)
class Components:
    """Three components of a space: one colour is one vector, in every tile and year that they are applied to.

    Attributes:
        mean: shape (dimensions,).
        axes: shape (3, dimensions); in each the largest number is positive, so that a fit does not flip colours.
        low, high: what becomes 0 and 1, shape (3,): 2 and 98 % of the sample.
        identity: of the vectors.
        sample: how many they were.
    """

    mean: npt.NDArray[np.float64]
    axes: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
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

    def as_json(self) -> dict[str, Any]:
        """The fit, for others to repeat."""
        return {
            "space": self.identity.space,
            "sample": self.sample,
            **{k: np.round(getattr(self, k), 6).tolist() for k in ("mean", "axes", "low", "high")},
        }


def components(cube: "xr.DataArray", sample: int = 40_000, seed: int = 0) -> Components:
    """The three principal components of a cube's vectors, of all its years together.

    Raises:
        RestoreError: there are fewer than four vectors.
    """
    identity = checked(cube)
    vectors = sampled(cube, sample, seed).astype(np.float64)
    if len(vectors) < 4 or vectors.shape[1] < 3:
        msg = f"three components of {len(vectors)} vectors of {vectors.shape[1]} dimensions cannot be fitted"
        raise RestoreError(msg)
    mean = vectors.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov(vectors - mean, rowvar=False))
    axes = axes.T[::-1][:3]
    largest = axes[np.arange(3), np.abs(axes).argmax(axis=1)]
    axes = axes * np.where(largest < 0, -1, 1)[:, np.newaxis]
    shown = (vectors - mean) @ axes.T
    low, high = np.percentile(shown, (2, 98), axis=0)
    return Components(mean, axes, low, np.where(high > low, high, low + 1e-12), identity, len(vectors))


def figures(vectors: Vectors, identity: Identity) -> dict[str, Any]:
    """Histograms of the numbers and of the lengths of vectors, one of them, and what looks wrong.

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
            f"vectors are said to have length 1 and have {np.median(lengths):.3f}: "
            "the rule is wrong, or they are blends"
        )
    if (zero := float((lengths == 0).mean())) > 0:
        doubts.append(f"{zero:.1%} of the vectors are zero: they may stand for missing ones")
    if (flat := float((np.ptp(values, axis=1) == 0).mean())) > zero:
        doubts.append(f"{flat:.1%} of the vectors have one number throughout")
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
