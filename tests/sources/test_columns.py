"""Rows spooled until all columns are known: all come back, in bounded memory."""

import gc
import tracemalloc

import pyarrow as pa
import pytest

from atlas.fetch.inputs import RejectedRow
from atlas.sources import columns
from atlas.sources.base import Batch
from atlas.sources.columns import stated

ASIDE = RejectedRow("file", 1, "no reason")


def batch(first, rows, **columns):
    ids = pa.array([f"{n:0200d}" for n in range(first, first + rows)])
    return pa.record_batch({"id": ids, "empty": pa.nulls(rows, pa.int64()), **columns})


def test_columns_that_no_row_fills_are_left_out():
    some = [
        Batch(batch(0, 2, late=pa.nulls(2, pa.string())), (ASIDE,)),
        Batch(None),
        Batch(batch(2, 1, late=pa.array(["x"]))),
    ]
    aside, *found = stated(some)
    assert (aside.rows, aside.rejected) == (None, (ASIDE,))
    assert [one.rows.schema.names for one in found] == [["id", "late"], ["id", "late"]]
    assert [v for one in found for v in one.rows["late"].to_pylist()] == [None, None, "x"]


@pytest.mark.parametrize("memory", [0, 2**20])
def test_every_row_comes_back_from_memory_and_from_disk(monkeypatch, memory):
    monkeypatch.setattr(columns, "MEMORY", memory)
    some = [batch(n * 10, 10) for n in range(30)]
    found = [one.rows for one in stated(Batch(rows) for rows in some)]
    assert pa.Table.from_batches(found) == pa.Table.from_batches(some).select(["id"])


def test_no_rows_are_no_batches():
    assert list(stated([])) == []
    assert list(stated([Batch(None)])) == []


def test_memory_does_not_grow_with_the_rows(monkeypatch):
    monkeypatch.setattr(columns, "MEMORY", 2**17)
    held = []
    for batches in (50, 200):
        some = (Batch(batch(n * 500, 500)) for n in range(batches))
        gc.collect()  # what other tests left must not go in the middle of the count
        before, most = pa.total_allocated_bytes(), 0
        tracemalloc.start()
        try:
            for _ in stated(some):
                most = max(most, pa.total_allocated_bytes() - before)
            held.append(most + tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert held[1] < held[0] + 2**20  # 15 MB more went by
