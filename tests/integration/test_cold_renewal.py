"""Crawls go on for a Collection that left the database: what they find is read in place of what was there."""

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from atlas.errors import StoreError
from atlas.store.check import check_rows
from atlas.store.cold.marks import mark_of
from atlas.store.cold.moves import cool, warm
from atlas.store.database import connect
from atlas.store.load.pgstac import compare_folder, load_folder
from tests.integration.loading import COLLECTION, batch, checksum, collection_document, one, write_crawl


def crawl(folder, *batches, **changes):
    """What a crawl leaves: each part takes the place of the one before, none is written into."""
    (folder / ".lock").touch()
    report = {"product": COLLECTION, "source": "made up", "items": 0}
    (folder / "report.json").write_bytes(orjson.dumps(report))
    for old in (folder / "items").glob("*.parquet") if batches else ():
        old.unlink()
    for number, rows in enumerate(batches):
        new = folder / f".{number}.tmp"
        pq.write_table(pa.Table.from_batches([rows]), new)
        new.replace(folder / "items" / f"part-{number:04d}.parquet")
    if changes:
        (folder / "collection.json").write_bytes(orjson.dumps(collection_document(**changes)))


@pytest.fixture
def folder(empty_database, tmp_path):
    """A crawl's folder whose Collection is cold."""
    made = write_crawl(tmp_path / "crawl", years=(2019, 2020))
    crawl(made)
    load_folder(empty_database, made)
    cool(empty_database, [str(made)], notice=0)
    return made


def faults(conninfo):
    with connect(conninfo) as connection:
        return [str(one) for one in check_rows(connection).problems]


def read_from(conninfo):
    with connect(conninfo) as connection:
        return [folder.address for folder in mark_of(connection, COLLECTION).folders]


def kept(folder):
    return sorted(str(one) for one in (folder / "cold").iterdir())


def test_what_was_there_is_read_until_the_new_parts_are(empty_database, folder):
    assert read_from(empty_database) == kept(folder) == [str(folder / "cold" / "000001")]
    crawl(folder, batch(2020, 30), batch(2021, 7), title="New")
    assert faults(empty_database) == []
    assert compare_folder(empty_database, folder) != []
    report = load_folder(empty_database, folder)
    assert (report.cold, report.renewed, report.items, report.set_aside) == (37, True, 0, [])
    assert read_from(empty_database) == [str(folder / "cold" / "000002")]
    assert kept(folder) == [str(folder / "cold" / f"00000{n}") for n in (1, 2)]
    assert one(empty_database, "SELECT content->>'title' FROM pgstac.collections") == ("New",)
    assert compare_folder(empty_database, folder) == faults(empty_database) == []
    again = load_folder(empty_database, folder)
    assert (again.cold, again.renewed) == (37, False)
    crawl(folder, batch(2021, 8))
    assert cool(empty_database, [str(folder)]).items == 8
    assert kept(folder) == [str(folder / "cold" / f"00000{n}") for n in (2, 3)]
    assert warm(empty_database, COLLECTION).items == 8
    assert kept(folder) == []


def test_what_comes_back_is_what_a_load_of_the_new_parts_would_have_been(empty_database, folder):
    crawl(folder, batch(2020, 30), batch(2021, 7))
    load_folder(empty_database, folder)
    warm(empty_database, COLLECTION)
    came_back = checksum(empty_database)
    load_folder(empty_database, folder, replace=True)
    assert checksum(empty_database) == came_back
    assert came_back[0] == 37


def test_links_take_no_space_and_where_there_are_none_parts_are_copied(empty_database, folder, monkeypatch):
    part = folder / "items" / "part-0000.parquet"
    assert part.stat().st_ino == (folder / "cold" / "000001" / "items" / part.name).stat().st_ino
    crawl(folder, batch(2020, 30))

    def link(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("atlas.store.cold.kept.os.link", link)
    assert load_folder(empty_database, folder).cold == 30
    copied = folder / "cold" / "000002" / "items" / part.name
    assert copied.stat().st_ino != part.stat().st_ino
    assert faults(empty_database) == []


def test_a_folder_in_which_nothing_may_be_kept_is_refused_and_the_earlier_parts_stay(
    empty_database, folder, monkeypatch
):
    crawl(folder, batch(2020, 30))

    def mkdir(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("atlas.store.cold.kept.Path.mkdir", mkdir)
    with pytest.raises(StoreError, match=r"cannot be kept there for the API \(Read-only file system\).*name a copy"):
        load_folder(empty_database, folder)
    assert read_from(empty_database) == [str(folder / "cold" / "000001")]


@pytest.mark.parametrize("rows", [[], [batch(2021, 5), batch(2021, 5)]])
def test_parts_without_items_or_with_an_id_twice_are_refused(empty_database, folder, rows):
    crawl(folder, *(rows or [batch(2021, 1).slice(0, 0)]))
    with pytest.raises(StoreError, match="5 Items repeat the id of another" if rows else "no Item could be read"):
        load_folder(empty_database, folder)
    assert kept(folder) == read_from(empty_database) == [str(folder / "cold" / "000001")]
    assert one(empty_database, "SELECT count(*) FROM pgstac.items") == (0,)


def test_an_id_in_two_years_is_no_fault(empty_database, folder):
    same = batch(2021, 5)
    other = batch(2020, 5).set_column(3, "id", same["id"])
    crawl(folder, same, other)
    assert load_folder(empty_database, folder).cold == 10


def test_rejected_rows_are_counted_and_named(empty_database, folder):
    rows = batch(2021, 5)
    bad = pa.array(["a/b", *rows["id"].to_pylist()[1:]])
    crawl(folder, rows.set_column(3, "id", bad))
    report = load_folder(empty_database, folder)
    assert (report.cold, sum(report.set_aside_by_reason.values())) == (4, 1)
    assert report.set_aside[0]["id"] == "a/b"


def test_vanished_items_that_a_crawl_lost_keep_the_earlier_parts(empty_database, folder):
    crawl(folder, batch(2020, 30))
    vanished = folder / "items" / "part-0000~vanished.parquet"
    pq.write_table(pa.Table.from_batches([batch(2020, 5, first=100)]), vanished)
    assert load_folder(empty_database, folder).cold == 35
    vanished.unlink()
    with pytest.raises(StoreError, match="lost 5 vanished Items that only the earlier parts have"):
        load_folder(empty_database, folder)
    assert read_from(empty_database) == [str(folder / "cold" / "000002")]
    assert load_folder(empty_database, folder, replace=True).cold == 30


def test_another_folder_takes_its_place_only_where_it_is_asked_for(empty_database, folder, tmp_path):
    newer = write_crawl(tmp_path / "newer", batches=[batch(2021, 7)])
    with pytest.raises(StoreError, match=rf"in other parts than these, in {folder}: 'atlas db cool' has these read"):
        load_folder(empty_database, newer)
    assert cool(empty_database, [str(newer)]).addresses == (str(newer),)
    assert read_from(empty_database) == [str(newer)]


def test_properties_that_are_new_may_be_filtered_by(empty_database, folder):
    rows = batch(2021, 5)
    crawl(folder, rows.append_column("emb:new", pa.array([1.0] * 5)))
    load_folder(empty_database, folder)
    with connect(empty_database) as connection:
        seen = connection.execute("SELECT seen FROM atlas.cold").fetchone()[0]
    assert seen["properties"]["emb:new"] == ["number"]
    assert seen["properties"]["proj:code"] == ["string"]
    assert one(empty_database, "SELECT count(*) FROM pgstac.queryables WHERE name = 'emb:new'") == (1,)


def test_whoever_deletes_the_collection_deletes_what_is_known_of_its_parts(empty_database, folder):
    assert one(empty_database, "SELECT count(*) > 0 FROM atlas.cold_ids") == (True,)
    with connect(empty_database, autocommit=True) as connection:
        connection.execute("SELECT pgstac.delete_collection(%s)", [COLLECTION])
    assert one(empty_database, "SELECT (SELECT count(*) FROM atlas.cold), (SELECT count(*) FROM atlas.cold_ids)") == (
        0, 0,
    )  # fmt: skip
    assert load_folder(empty_database, folder).items == 100
