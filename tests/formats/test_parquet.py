import io
import struct

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from atlas.errors import SourceError
from atlas.formats import parquet
from atlas.formats.parquet import batches, open_parquet, row_group_runs
from atlas.formats.parquet_footer import check_chunks


def file_of(table, **options):
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    out.seek(0)
    return out


def test_rows_come_with_their_number_in_the_file():
    file = file_of(pa.table({"a": list(range(10)), "t": list("abcdefghij")}), row_group_size=4)
    found = [(lines.tolist(), batch["a"].to_pylist()) for lines, batch in batches(file, "x", [1, 2], ["a", "t"])]
    assert found == [([5, 6, 7, 8], [4, 5, 6, 7]), ([9, 10], [8, 9])]


def test_row_groups_are_run_together_up_to_a_size():
    file = open_parquet(file_of(pa.table({"a": list(range(10))}), row_group_size=2), "x")
    assert list(row_group_runs(file, 4)) == [(0, 2, 4), (2, 4, 4), (4, 5, 2)]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a Parquet file: 0 bytes"),
        (b"PAR1" + b"x" * 100, "does not end in PAR1"),
        (b"PAR1" + struct.pack("<I", 2**31) + b"PAR1", "the footer claims"),
        (b"PAR1" + b"\xff" * 60 + struct.pack("<I", 60) + b"PAR1", "footer cannot be read"),
    ],
)
def test_what_is_no_parquet_is_told_apart(data, why):
    with pytest.raises(SourceError, match=f"x: .*{why}"):
        open_parquet(io.BytesIO(data), "x")


def test_a_truncated_file_is_refused():
    data = file_of(pa.table({"a": [1, 2, 3]})).getvalue()
    with pytest.raises(SourceError, match="does not end in PAR1"):
        open_parquet(io.BytesIO(data[:-9]), "x")


def test_a_value_that_is_stored_once_and_repeated_endlessly_is_refused_before_it_is_written_out():
    # 5 MB of text a row, 3,000 rows: 15 GB from a file of kilobytes.
    value = "x" * 5_000_000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), pa.array([value]))
    file = file_of(pa.table({"t": column}), compression="zstd")
    assert len(file.getvalue()) < 100_000
    with pytest.raises(SourceError, match="values of 't' would take 15,000,000,000 bytes"):
        list(batches(file, "x", [0], ["t"]))


@pytest.mark.parametrize("first", ["x" * 5_000_000, "short"])
def test_a_long_value_among_others_is_found_wherever_it_stands(first):
    values = [first, "short" if first != "short" else "x" * 5_000_000]
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 10 + [1] * 2990 + [0] * 2990, pa.int32()), pa.array(values))
    file = file_of(pa.table({"t": column}), compression="zstd")
    with pytest.raises(SourceError, match=r"values of 't' would take 1\d,\d{3},\d{3},\d{3} bytes"):
        list(batches(file, "x", [0], ["t"]))


@pytest.mark.parametrize("options", [{}, {"dictionary_pagesize_limit": 4096}, {"use_dictionary": False}])
def test_what_is_held_of_a_row_group_does_not_grow_with_it(monkeypatch, options):
    monkeypatch.setattr(parquet, "BATCH_ROWS", 1024)
    held = []
    for rows in (20_000, 80_000):
        file = file_of(pa.table({"t": [f"{n:0200d}" for n in range(rows)]}), row_group_size=rows, **options)
        before, most = pa.total_allocated_bytes(), 0
        for _ in batches(file, "x", [0], ["t"]):
            most = max(most, pa.total_allocated_bytes() - before)
        held.append(most)
    assert held[1] < held[0] + 4 * 2**20  # 12 MB more of text went by


def test_a_row_group_that_claims_too_much_is_refused(monkeypatch):
    file = file_of(pa.table({"a": list(range(1000))}))
    monkeypatch.setattr(parquet, "MAXIMUM_GROUP_ROWS", 10)
    with pytest.raises(SourceError, match="row group 0 claims 1,000 rows"):
        list(batches(file, "x", [0], ["a"]))


def test_a_file_that_claims_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr(parquet, "MAXIMUM_ROWS", 10)
    with pytest.raises(SourceError, match="claims 11 rows"):
        open_parquet(file_of(pa.table({"a": list(range(11))})), "x")


def test_damaged_data_name_the_row_group():
    file = file_of(pa.table({"a": list(range(1000))}), compression="zstd", use_dictionary=False)
    data = bytearray(file.getvalue())
    data[4:200] = b"\xff" * 196
    with pytest.raises(SourceError, match="x: row group 0 cannot be read"):
        list(batches(io.BytesIO(bytes(data)), "x", [0], ["a"]))


def test_a_missing_column_is_named():
    with pytest.raises(SourceError, match="no column 'b'; it has a"):
        list(batches(file_of(pa.table({"a": [1]})), "x", [0], ["a", "b"]))


def footer_of(table):
    out = io.BytesIO()
    pq.write_table(table, out)
    data = out.getvalue()
    size = int.from_bytes(data[-8:-4], "little")
    return data[-8 - size : -8], pq.ParquetFile(io.BytesIO(data)).metadata


REQUIRED = pa.schema([pa.field("x", pa.string(), nullable=False), ("y", "int64")])
FLAT = pa.table({"x": ["a"], "y": [1]}, REQUIRED)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (pa.table({"x": ["a", None], "y": [1, 2]}), "column x: counts 2 levels, where its schema has 1"),
        (pa.table({"x": [["a"]], "y": [1]}), "column x: counts 2 levels, where its schema has 1"),
        (pa.table({"x": [1.5], "y": [1]}), "column x: is stored as type 5, and by its schema is BYTE_ARRAY"),
        (FLAT.select(["x"]), "a row group has 1 of the 2 columns of the schema"),
        (FLAT.append_column("z", [[1]]), "a row group has more columns than the schema: 2"),
    ],
)
def test_what_would_end_the_process_in_arrow_is_an_error_of_ours(other, message):
    footer, meta = footer_of(FLAT)
    check_chunks(footer, meta, "x")
    with pytest.raises(SourceError, match=rf"^x: the Parquet footer is damaged: .*({message})"):
        check_chunks(footer_of(other)[0], meta, "x")
    for end in (1, 5, len(footer) // 2):
        with pytest.raises(SourceError, match="cannot be read to its end"):
            check_chunks(footer[:-end], meta, "x")


def test_every_kind_of_footer_that_pyarrow_writes_is_read(tmp_path):
    table = pa.table(
        {
            "deep": [[{"a": [1, 2], "b": {"c": None}}], None],
            "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int32())),
            "flag": [True, None],
            "text": ["x" * 300, None],
            "none": pa.nulls(2),
        }
    )
    for number, options in enumerate(
        ({}, {"write_statistics": False}, {"write_page_index": True}, {"use_dictionary": False}, {"version": "1.0"},
         {"store_schema": False}, {"row_group_size": 1}, {"write_page_checksum": True}, {"compression": "zstd"})
    ):  # fmt: skip
        pq.write_table(table, tmp_path / f"{number}", **options)
        with (tmp_path / f"{number}").open("rb") as stream:
            assert open_parquet(stream, "x").metadata.num_rows == 2
