"""Parts: the same bytes in any order of Items, written whole or not at all."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from atlas.stac import geoparquet
from atlas.stac.geoparquet import PartWriter

TABLE = pa.table({"id": [f"i{n}" for n in range(1000)], "collection": ["c"] * 1000, "geometry": [b"g"] * 1000})


def write(path, sizes):
    at = 0
    with PartWriter(path) as writer:
        for size in sizes:
            for batch in TABLE.slice(at, size).to_batches():
                writer.write(batch)
            at += size
    if writer.written is not None:
        writer.temporary.replace(path)
    return writer.written


def test_the_bytes_do_not_depend_on_the_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(geoparquet, "ROW_GROUP", 300)
    first = write(tmp_path / "a.parquet", [1000])
    second = write(tmp_path / "b.parquet", [1, 299, 1, 450, 0, 249])
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert first == second
    assert first.items == 1000
    assert first.size == (tmp_path / "a.parquet").stat().st_size
    assert [pq.read_metadata(tmp_path / "a.parquet").row_group(i).num_rows for i in range(4)] == [300, 300, 300, 100]


def test_the_file_is_geoparquet_with_the_metadata_of_stac_geoparquet(tmp_path):
    write(tmp_path / "a.parquet", [1000])
    metadata = pq.read_schema(tmp_path / "a.parquet").metadata
    assert b'"primary_column": "geometry"' in metadata[b"geo"]
    assert metadata[b"stac-geoparquet"] == b'{"version": "1.0.0"}'


def test_without_items_there_is_no_file(tmp_path):
    assert write(tmp_path / "a.parquet", [0]) is None
    assert list(tmp_path.iterdir()) == []


def test_an_error_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(geoparquet, "ROW_GROUP", 10)

    def stopped():
        with PartWriter(tmp_path / "a.parquet") as writer:
            writer.write(TABLE.to_batches()[0])
            msg = "stop"
            raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="stop"):
        stopped()
    assert list(tmp_path.iterdir()) == []


def test_a_finished_file_waits_under_its_temporary_name(tmp_path):
    with PartWriter(tmp_path / "a.parquet") as writer:
        writer.write(TABLE.to_batches()[0])
    assert writer.written.items == 1000
    assert [p.name for p in tmp_path.iterdir()] == [".a.parquet.tmp"]


def test_a_batch_of_another_shape_is_an_error(tmp_path):

    def mixed():
        with PartWriter(tmp_path / "a.parquet") as writer:
            writer.write(TABLE.to_batches()[0])
            writer.write(TABLE.drop_columns("geometry").to_batches()[0])

    with pytest.raises(pa.ArrowInvalid, match="different"):
        mixed()
    assert list(tmp_path.iterdir()) == []
