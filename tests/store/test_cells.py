"""The counts of tiles that a load makes, whatever it holds in memory at a time."""

import numpy as np
import pyarrow as pa
import pytest
import shapely

from atlas.store.load import cells
from atlas.store.load.cells import Degrees, Lattice
from atlas.store.load.rows import ewkb


def _counted(west: Degrees, south: Degrees, size: float = 0.5) -> tuple[list[list[float]], list[tuple[int, ...]]]:
    lattice = Lattice()
    for begin in range(0, len(west), 100):
        w, s = west[begin : begin + 100], south[begin : begin + 100]
        assert lattice.add(ewkb(pa.array(shapely.to_wkb(shapely.box(w, s, w + size, s + size)), pa.binary())))
    found = lattice.rows()
    assert found is not None
    edges, pieces = found
    rows = [row for piece in pieces for row in zip(*(part.tolist() for part in piece), strict=True)]
    return [part.tolist() for part in edges], sorted(rows)


@pytest.fixture(name="places")
def _places() -> tuple[Degrees, Degrees]:
    rng = np.random.default_rng(7)
    return rng.integers(-60, 60, 1000) / 2, rng.integers(-40, 40, 1000) / 2


@pytest.mark.parametrize("at_a_time", [1, 100, 500])
def test_rows_are_the_same_however_many_bands_are_summed_together(
    places: tuple[Degrees, Degrees], at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _counted(*places)
    monkeypatch.setattr(cells, "_AT_A_TIME", at_a_time)
    assert _counted(*places) == whole


def test_edges_ascend_and_are_those_of_the_tiles(places: tuple[Degrees, Degrees]) -> None:
    west, south, east, north = _counted(*places)[0]
    assert west == sorted(set(places[0].tolist()))
    assert south == sorted(set(places[1].tolist()))
    assert east == [edge + 0.5 for edge in west]
    assert north == [edge + 0.5 for edge in south]


def test_the_box_is_that_of_all_tiles_and_unknown_without_any(places: tuple[Degrees, Degrees]) -> None:
    lattice = Lattice()
    assert lattice.box is None
    shapes = shapely.box(places[0], places[1], places[0] + 0.5, places[1] + 0.5)
    assert lattice.add(ewkb(pa.array(shapely.to_wkb(shapes), pa.binary())))
    assert lattice.box == tuple(shapely.total_bounds(shapes))


def test_the_two_zeros_are_one_edge() -> None:
    edges, rows = _counted(np.array([0.0, -0.0, -0.0]), np.zeros(3))
    assert edges == [[0.0], [0.0], [0.5], [0.5]]
    assert rows == [(0, 0, 3, 0), (1_000_000, 0, 3, 0)]


def test_a_column_with_two_ends_is_no_column() -> None:
    lattice = Lattice()
    assert lattice.add(ewkb(pa.array([shapely.to_wkb(shapely.box(0, 0, 1, 1))], pa.binary())))
    assert not lattice.add(ewkb(pa.array([shapely.to_wkb(shapely.box(0, 1, 2, 2))], pa.binary())))
