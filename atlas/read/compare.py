"""Comparing vectors, which only makes sense within one vector space."""

from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from atlas.answers.comparable import comparable_spaces
from atlas.answers.verdicts import Verdict
from atlas.errors import RestoreError
from atlas.read.restore import normalized
from atlas.records import load_catalog
from stac_emb.identity import space_uri

__all__ = ["InSpace", "Metric", "SpaceMismatch", "compare", "same_space"]

Metric = Literal["cosine", "dot", "euclidean"]


class SpaceMismatch(RestoreError):  # noqa: N818 - the name says what happened, as in atlas.errors
    """Vectors of different or unnamed spaces must not be compared."""


class InSpace(Protocol):
    """Vectors that know their space, such as `Sample`."""

    @property
    def values(self) -> npt.NDArray[np.float32]:
        """Shape (..., dimensions)."""

    @property
    def space(self) -> str | None:
        """`emb:space`."""


def same_space(a: str | None, b: str | None) -> str:
    """The space of the first of two vectors that may be compared.

    Raises:
        SpaceMismatch: they may not be compared, or it is not stated that they may; the message says why.
    """
    if a is not None and b is not None and space_uri(a) == space_uri(b):
        return a
    answer = comparable_spaces(load_catalog().spaces, a, b)
    if a is None or answer.verdict is not Verdict.YES:
        named = f" ('{a}' and '{b}')" if a and b else " ('emb:space')"
        raise SpaceMismatch(f"these vectors{named} must not be compared: {answer.text}")
    return a


def compare(a: InSpace, b: InSpace, metric: Metric = "cosine") -> npt.NDArray[np.float64]:
    """Compare vectors pairwise: the shapes are broadcast against each other, the last axis is the vector's.

    Args:
        a: vectors of one space.
        b: vectors of the same space.
        metric: `cosine` and `dot` grow with similarity, `euclidean` is a distance.

    Returns:
        One number per pair; NaN where a vector is missing or, for cosine, has no length.

    Raises:
        SpaceMismatch: the spaces are not the same.
        RestoreError: the vectors have different lengths.
    """
    same_space(a.space, b.space)
    if a.values.shape[-1] != b.values.shape[-1]:
        msg = f"vectors of {a.values.shape[-1]} and {b.values.shape[-1]} dimensions in one space: one is truncated"
        raise RestoreError(msg)
    x, y = a.values.astype(np.float64), b.values.astype(np.float64)
    if metric == "cosine":
        x, y = normalized(x), normalized(y)
    if metric == "euclidean":
        return np.asarray(np.linalg.norm(x - y, axis=-1))
    return np.asarray(np.sum(x * y, axis=-1))
