"""A part of a cold Collection is read only if it is the one that left the database."""

from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from atlas.errors import StoreError
from atlas.stac.geoparquet import PartWriter
from atlas.store.cold.places import footer_of, open_place

TABLE = pa.table({"id": [f"i{n}" for n in range(1000)], "collection": ["c"] * 1000, "geometry": [b"g"] * 1000})


@pytest.fixture
def part(tmp_path):
    path = tmp_path / "a.parquet"
    with PartWriter(path) as writer:
        for batch in TABLE.to_batches():
            writer.write(batch)
    writer.temporary.replace(path)
    return path


def known(path):
    with pa.OSFile(str(path)) as file:
        return path.name, file.size(), footer_of(file, file.size())[0]


def test_a_byte_that_turned_is_not_read_as_another_value(part):
    place, whole, facts = open_place(str(part.parent)), part.read_bytes(), known(part)
    assert place.part(*facts).read_row_group(0).equals(TABLE.cast(place.part(*facts).schema_arrow))
    column = pq.read_metadata(part).row_group(0).column(0)
    assert column.path_in_schema == "id"
    for at in range(column.data_page_offset + column.total_compressed_size - 20, column.data_page_offset, -97):
        part.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(OSError):
            place.part(*facts).read_row_group(0, columns=["id"])


def test_a_part_that_is_replaced_while_it_is_opened_is_not_taken_for_the_one_before(part, monkeypatch):
    place, facts = open_place(str(part.parent)), known(part)
    expected = place.part(*facts).read_row_group(0)  # its footer is remembered

    class Replaced:
        def open_input_file(self, name):
            return fs.LocalFileSystem().open_input_file(name)

        def get_file_info(self, name):
            info = fs.LocalFileSystem().get_file_info(name)
            other = part.with_suffix(".other")
            pq.write_table(TABLE.slice(0, 10), other)
            other.replace(part)
            return info

    monkeypatch.setattr(place.files, "system", Replaced())
    assert place.part(*facts).read_row_group(0).equals(expected)
    with pytest.raises(StoreError, match="replaced after the Items left the database"):
        place.part(*facts)


def test_a_part_that_is_gone_or_a_folder_is_missing(part):
    place, facts = open_place(str(part.parent)), known(part)
    part.unlink()
    with pytest.raises(StoreError, match=r"^a part is missing$"):
        place.part(*facts)
    part.mkdir()
    with pytest.raises(OSError):
        place.part(*facts)


def test_what_a_bucket_says_of_an_object_as_it_opens_it_is_not_asked_for(part, monkeypatch):
    place = open_place(str(part.parent))
    opened = SimpleNamespace(metadata=lambda: {"ETag": b'"1"'}, size=lambda: 7)
    monkeypatch.setattr(place.files, "system", SimpleNamespace(open_input_file=lambda _: opened))
    assert place.files.open("a part") == (opened, 7, b'"1"')
