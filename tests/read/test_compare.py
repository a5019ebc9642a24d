from typing import NamedTuple

import numpy as np
import pytest

from atlas.errors import RestoreError
from atlas.read.compare import SpaceMismatch, compare


class Spaced(NamedTuple):
    values: np.ndarray
    space: str | None


A = Spaced(np.array([[3.0, 4.0]], np.float32), "tessera-v1")
B = Spaced(np.array([[4.0, 3.0]], np.float32), "tessera-v1")


def test_the_three_metrics():
    assert compare(A, B, "cosine").tolist() == pytest.approx([0.96])
    assert compare(A, B, "dot").tolist() == [24.0]
    assert compare(A, B, "euclidean").tolist() == pytest.approx([2**0.5])


def test_one_vector_against_many():
    many = Spaced(np.array([[3.0, 4.0], [-3.0, -4.0], [np.nan, np.nan], [0.0, 0.0]], np.float32), "tessera-v1")
    found = compare(A, many)
    assert found[:2].tolist() == pytest.approx([1.0, -1.0])
    assert np.isnan(found[2:]).all()


@pytest.mark.parametrize("other", ["tessera-v1.1", None])
def test_another_space_is_refused(other):
    with pytest.raises(SpaceMismatch):
        compare(A, Spaced(B.values, other))


def test_two_unnamed_spaces_are_not_one_space():
    with pytest.raises(SpaceMismatch, match="is not stated"):
        compare(Spaced(A.values, None), Spaced(B.values, None))


def test_vectors_of_different_length_are_refused():
    with pytest.raises(RestoreError, match="2 and 3 dimensions"):
        compare(A, Spaced(np.zeros((1, 3), np.float32), "tessera-v1"))
