"""Faulty input: bad rows are rejected, and a failed load leaves the database unchanged."""

import fcntl
import os
import struct

import psycopg
import pyarrow as pa
import pytest
import shapely

from atlas.errors import StoreError
from atlas.store.database import connect, create_reader, migrate, reader_conninfo
from atlas.store.load import pgstac
from atlas.store.load.pgstac import load_collections, load_folder, load_queryables
from atlas.store.load.staging import hold_collection
from stac_emb.queryables import queryables
from tests.integration.loading import (
    COLLECTION,
    batch,
    checksum,
    collection_document,
    column,
    write_crawl,
    write_manifest,
)

UNKNOWN = "https://example.org/unknown/v1.0.0/schema.json"


@pytest.mark.usefixtures("filling")
def test_rows_that_cannot_be_held_are_rejected_and_remembered(empty_database, tmp_path):
    items = batch(2021, 5)
    geometry = items["geometry"].to_pylist()
    geometry[3] = None
    items = items.set_column(items.schema.get_field_index("geometry"), "geometry", pa.array(geometry, pa.binary()))
    folder = write_crawl(tmp_path, batches=[items, batch(2022, 5)])
    expected = {
        "file": "items/part-0000.parquet",
        "row": 3,
        "id": "tile-2021-000003",
        "reason": "geometry: pgstac cannot hold an Item without one",
    }
    for _ in range(2):
        report = load_folder(empty_database, folder)
        assert report.items == 9
        assert report.set_aside == [expected]
        assert report.set_aside_by_reason == {expected["reason"]: 1}


def test_broken_geometries_are_rejected_and_crossing_ones_repaired(empty_database, tmp_path):
    items = batch(2021, 4)
    geometry = items["geometry"].to_pylist()
    ring = shapely.get_coordinates(shapely.from_wkb(geometry[1]))[:4]
    geometry[1] = struct.pack("<bIII8d", 1, 3, 1, 4, *ring.ravel())  # not closed
    bow = shapely.Polygon([(30, 10), (31, 11), (31, 10), (30, 11), (30, 10)])
    geometry[2] = shapely.to_wkb(bow)
    items = items.set_column(items.schema.get_field_index("geometry"), "geometry", pa.array(geometry, pa.binary()))
    report = load_folder(empty_database, write_crawl(tmp_path, batches=[items]))
    assert (report.items, sum(report.set_aside_by_reason.values())) == (3, 1)
    (note,) = report.set_aside
    assert (note["file"], note["row"], note["id"]) == ("items/part-0000.parquet", 1, "tile-2021-000001")
    assert "do not form a closed linestring" in note["reason"]
    rows = column(
        empty_database,
        "SELECT (ST_IsValid(geometry), private->'geometry' = ST_AsGeoJSON(%s::geometry)::jsonb)::text FROM items "
        "WHERE private IS NOT NULL",
        shapely.to_wkb(bow, hex=True),
    )
    assert rows == ["(t,t)"]


def test_a_part_of_which_nothing_can_be_loaded_is_explained(empty_database, tmp_path):
    items = batch(2021, 2)
    for name in ("start_datetime", "end_datetime"):
        items = items.set_column(items.schema.get_field_index(name), name, items["datetime"])
    report = load_folder(empty_database, write_crawl(tmp_path, batches=[items]))
    assert report.items == 0
    assert report.set_aside_by_reason == {"datetime: an Item needs one, or both start_datetime and end_datetime": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "a crawl writes the Collection here"), ("{", "cannot be read"), ("[]", "is not a Collection with an id")],
)
def test_a_folder_without_a_collection_is_refused(empty_database, tmp_path, text, message):
    folder = write_crawl(tmp_path)
    (folder / "collection.json").unlink()
    if text is not None:
        (folder / "collection.json").write_text(text)
    with pytest.raises(StoreError, match=message):
        load_folder(empty_database, folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"extent": None}, r"collection\.json: is not a valid Collection: .*extent"),
        ({"stac_version": None}, r"collection\.json: is not a valid Collection: .*`stac_version` is null"),
        ({"stac_extensions": [UNKNOWN], "license": 5}, "is not a valid Collection: /license"),
        ({"type": "Catalog"}, "is a Catalog, not a Collection"),
    ],
)
def test_a_collection_that_is_not_valid_takes_no_other_ones_place(empty_database, tmp_path, changes, message):
    folder = write_crawl(tmp_path)
    load_folder(empty_database, folder)
    before = column(empty_database, "SELECT content FROM collections"), checksum(empty_database)
    write_crawl(tmp_path, document=collection_document(**changes))
    with pytest.raises(StoreError, match=message):
        load_folder(empty_database, folder)
    assert (column(empty_database, "SELECT content FROM collections"), checksum(empty_database)) == before


def test_an_extension_whose_schema_is_not_at_hand_is_no_fault(empty_database, tmp_path):
    document = collection_document(stac_extensions=[UNKNOWN])
    assert load_folder(empty_database, write_crawl(tmp_path, document=document)).items == 50


def test_a_part_that_went_missing_removes_nothing(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    write_manifest(folder)
    assert load_folder(empty_database, folder).items == 100
    rows = checksum(empty_database)
    part = folder / "items" / "part-0001.parquet"
    part.rename(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match=r"part-0001\.parquet: the manifest names this part, and it is not there"):
        load_folder(empty_database, folder)
    write_crawl(tmp_path, years=(2019, 2021))
    with pytest.raises(StoreError, match=r"part-0001\.parquet: its bytes are not those that the manifest names"):
        load_folder(empty_database, folder)
    assert checksum(empty_database) == rows


def test_a_crawl_of_which_nothing_can_be_loaded_removes_nothing(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    load_folder(empty_database, folder)
    rows = checksum(empty_database)
    write_crawl(tmp_path, batches=[batch(2019, 3, name="other"), batch(2020, 4, name="other")])
    message = r"synthetic: no Item could be loaded \(7 x collection: is not 'synthetic'\); the database keeps those"
    with pytest.raises(StoreError, match=message):
        load_folder(empty_database, folder)
    assert checksum(empty_database) == rows


def test_who_may_not_write_is_told_so(empty_database, tmp_path):
    message = "Collection synthetic: the database refuses the load: permission denied"
    with pytest.raises(StoreError, match=message):
        load_folder(reader_conninfo(empty_database), write_crawl(tmp_path))


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda where: migrate(where, upgrade=False), "the database cannot be prepared: permission denied for schema"),
        (create_reader, "the role atlas_reader cannot be made: must have admin option"),
        (lambda where: load_queryables(where, queryables()), "the database refuses the queryables: permission denied"),
        (
            lambda where: load_collections(where, [collection_document()]),
            "Collection synthetic: the database refuses it: permission denied for schema pgstac$",
        ),
    ],
)
def test_a_stranger_is_told_in_one_line_what_is_refused(empty_database, what, message):
    with connect(empty_database) as connection:
        connection.execute("CREATE ROLE stranger LOGIN")
    try:
        with pytest.raises(StoreError, match=message):
            what(psycopg.conninfo.make_conninfo(empty_database, user="stranger"))
    finally:
        with connect(empty_database) as connection:
            connection.execute("DROP ROLE stranger")


@pytest.mark.usefixtures("filling")
def test_a_broken_part_is_named_and_changes_nothing(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    load_folder(empty_database, folder)
    rows = checksum(empty_database)
    part = folder / "items" / "part-0001.parquet"
    part.write_bytes(part.read_bytes()[:-40])
    with pytest.raises(StoreError, match=r"part-0001\.parquet: cannot be read"):
        load_folder(empty_database, folder)
    assert checksum(empty_database) == rows


@pytest.mark.usefixtures("filling")
def test_two_items_with_one_id_are_named_and_change_nothing(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    load_folder(empty_database, folder)
    rows = checksum(empty_database)
    write_crawl(tmp_path, batches=[batch(2019, 70), batch(2020, 50), batch(2020, 10, first=45)])
    with pytest.raises(StoreError, match=r"synthetic, 2020: two Items have the same id: .*tile-2020-00004[5-9]"):
        load_folder(empty_database, folder)
    assert checksum(empty_database) == rows
    assert column(empty_database, "SELECT relname FROM pg_class WHERE relname ~ '^_atlas'") == []


def test_two_loads_of_one_collection_do_not_mix(empty_database, tmp_path):
    folder = write_crawl(tmp_path)
    with connect(empty_database) as other, hold_collection(other, COLLECTION):
        with pytest.raises(StoreError, match="another load of the Collection synthetic is running"):
            load_folder(empty_database, folder)
        assert load_folder(empty_database, write_crawl(tmp_path / "b", name="another")).items == 50


def test_a_crawl_that_is_running_is_waited_for(empty_database, tmp_path):
    folder = write_crawl(tmp_path)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="a crawl is writing here"):
            load_folder(empty_database, folder)
    finally:
        os.close(handle)
    assert load_folder(empty_database, folder).items == 50


@pytest.mark.usefixtures("filling")
def test_a_part_that_changes_while_it_is_loaded_is_noticed(empty_database, tmp_path, monkeypatch):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    load_folder(empty_database, folder)
    rows = checksum(empty_database)
    write_crawl(tmp_path, years=(2019, 2020), rows=60)
    plan = pgstac.plan_partitions

    def plan_and_change(*arguments):
        plans = plan(*arguments)
        write_crawl(tmp_path, years=(2019, 2025))
        return plans

    monkeypatch.setattr(pgstac, "plan_partitions", plan_and_change)
    with pytest.raises(StoreError, match=r"part-0001\.parquet: its Items changed during the load"):
        load_folder(empty_database, folder)
    assert checksum(empty_database) == rows
