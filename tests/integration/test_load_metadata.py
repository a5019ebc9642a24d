"""Collections and queryables: only differences are written, and numbers sort as numbers."""

import orjson
import pytest

from atlas.errors import StoreError
from atlas.stac.crawl_summary import INDEX_READ
from atlas.store.database import connect
from atlas.store.load.pgstac import load_folder
from atlas.store.metadata import load_collections, load_queryables
from stac_emb.queryables import queryables
from tests.integration.loading import COLLECTION, batch, collection_document, write_crawl

DOCUMENT = {
    "properties": {
        "gsd": {"type": "number"},
        "emb:dimensions": {"type": "integer"},
        "proj:code": {"type": "string"},
        "id": {"type": "string"},
    }
}


def test_collections_are_written_once(empty_database):
    documents = [collection_document("a"), collection_document("b")]
    assert load_collections(empty_database, documents) == 2
    assert load_collections(empty_database, documents) == 0
    assert load_collections(empty_database, [collection_document("a", title="New"), documents[1]]) == 1


def test_a_collection_without_an_id_is_refused_and_none_is_loaded(empty_database):
    with pytest.raises(StoreError, match="a Collection without an id"):
        load_collections(empty_database, [collection_document("a"), {"type": "Collection"}])
    with connect(empty_database) as connection:
        assert connection.execute("SELECT count(*) FROM collections").fetchone() == (0,)


def test_a_record_does_not_take_back_what_a_crawl_found(empty_database, tmp_path):
    found = {"spatial": {"bbox": [[1, 2, 3, 4]]}, "temporal": {"interval": [["2021-01-01T00:00:00Z", None]]}}
    crawled = collection_document(extent=found, **{INDEX_READ: "whole"})
    load_folder(empty_database, write_crawl(tmp_path, document=crawled))
    record = [collection_document(COLLECTION, title="From the record"), collection_document("without items")]
    assert load_collections(empty_database, record, keep_found=True) == 2
    assert load_collections(empty_database, record, keep_found=True) == 0
    with connect(empty_database) as connection:
        rows = dict(connection.execute("SELECT id, content FROM collections").fetchall())
    assert (rows[COLLECTION]["extent"], rows[COLLECTION][INDEX_READ]) == (found, "whole")
    assert rows[COLLECTION]["title"] == "From the record"
    assert rows["without items"]["extent"] == collection_document()["extent"]


def test_queryables_are_written_once_and_replaced_as_a_whole(empty_database):
    assert load_queryables(empty_database, DOCUMENT) == 3
    assert load_queryables(empty_database, DOCUMENT) == 0
    fewer = {"properties": {"gsd": {"type": "number"}, "emb:dimensions": {"type": "string"}}}
    assert load_queryables(empty_database, fewer) == 2
    with connect(empty_database) as connection:
        known = {name for (name,) in connection.execute("SELECT name FROM queryables").fetchall()}
    assert known == {"id", "geometry", "datetime", "gsd", "emb:dimensions"}


def test_the_queryables_of_the_extension_are_accepted(empty_database):
    assert load_queryables(empty_database, queryables()) > 10
    assert load_queryables(empty_database, queryables()) == 0


def test_an_empty_document_is_refused(empty_database):
    with pytest.raises(StoreError, match="the queryables name no properties"):
        load_queryables(empty_database, {"properties": {}})


def test_an_unusable_queryable_is_refused_and_none_is_changed(empty_database):
    with pytest.raises(StoreError, match="the database refuses the queryables"):
        load_queryables(empty_database, {"properties": {"gsd": {"type": "number"}, "a\x00b": {"type": "number"}}})
    assert load_queryables(empty_database, DOCUMENT) == 3


@pytest.mark.parametrize("queryables_first", [True, False])
def test_indexed_queryables_have_their_index_on_every_partition(empty_database, tmp_path, queryables_first):
    folder = write_crawl(tmp_path, years=(2020, 2021))
    if queryables_first:
        load_queryables(empty_database, DOCUMENT)
    load_folder(empty_database, folder)
    if not queryables_first:
        load_queryables(empty_database, DOCUMENT)
    question = (
        "SELECT field, count(*) FROM queryable_indexes('items') WHERE field = 'proj:code' AND indexname IS NOT NULL"
    )
    with connect(empty_database) as connection:
        assert connection.execute(f"{question} GROUP BY 1").fetchall() == [("proj:code", 2)]
        assert connection.execute("SELECT count(*) FROM queryable_indexes('items', true)").fetchone() == (0,)


@pytest.mark.parametrize("queryables_first", [True, False])
def test_a_page_of_one_projection_is_the_first_rows_of_an_index(empty_database, tmp_path, queryables_first):
    folder = write_crawl(tmp_path, years=(2020, 2021))
    if queryables_first:
        load_queryables(empty_database, DOCUMENT)
    load_folder(empty_database, folder)
    if not queryables_first:
        load_queryables(empty_database, DOCUMENT)
    page = (
        "EXPLAIN SELECT id FROM items WHERE to_text(content->'properties'->'proj:code') = 'EPSG:32631' "
        "ORDER BY datetime DESC, collection DESC, id DESC LIMIT 3"
    )
    with connect(empty_database) as connection:
        connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off")
        plan = "\n".join(row[0] for row in connection.execute(page))
        assert connection.execute("SELECT count(*) FROM queryable_indexes('items', true)").fetchone() == (0,)
    assert plan.count("Index Cond: (to_text(") == 2
    assert "Sort Key: items.datetime DESC, items.collection DESC, items.id DESC" in plan
    assert "Sort  " not in plan


def test_only_queryables_that_want_an_index_have_the_partitions_looked_at(empty_database, tmp_path):
    load_queryables(empty_database, DOCUMENT)
    load_folder(empty_database, write_crawl(tmp_path, years=(2020, 2021)))
    with connect(empty_database, autocommit=True) as connection:
        missing = connection.execute("SELECT count(*) FROM queryable_indexes('items', true)")
        assert missing.fetchone() == (0,)
        lost = "SELECT indexname FROM queryable_indexes('items') WHERE field = 'proj:code' AND partition ~ '_2020$'"
        connection.execute(f"DROP INDEX {connection.execute(lost).fetchone()[0]}")

        def left(name, index, of):
            connection.execute("SELECT upsert_queryable(%s, '{}', NULL, %s, %s)", [name, index, of])
            return connection.execute("SELECT count(*) FROM queryable_indexes('items', true)").fetchone()[0]

        assert [left("a", None, None), left("b", None, [COLLECTION])] == [1, 1]
        assert left("c", "BTREE", [COLLECTION]) == 0
        connection.execute(f"DROP INDEX {connection.execute(lost).fetchone()[0]}")
        assert left("a", "BTREE", None) == 0
        connection.execute("UPDATE queryables SET property_index_type = NULL WHERE name = 'c'")
        connection.execute("UPDATE queryables SET property_index_type = 'BTREE' WHERE name = 'b'")
        built = "SELECT count(*) FROM queryable_indexes('items') WHERE field = 'b' AND indexname IS NOT NULL"
        assert connection.execute(built).fetchone() == (2,)


def test_the_index_in_order_follows_how_the_property_is_read(empty_database):
    load_queryables(empty_database, DOCUMENT)
    question = "SELECT indexdef FROM pg_indexes WHERE indexname ~ '_in_order_' ORDER BY tablename"
    with connect(empty_database) as connection:
        before = [row[0] for row in connection.execute(question)]
    load_queryables(empty_database, {"properties": {**DOCUMENT["properties"], "proj:code": {"type": "integer"}}})
    with connect(empty_database) as connection:
        after = [row[0] for row in connection.execute(question)]
    assert [len(before), len(after)] == [2, 2]
    assert all("to_text(" in one for one in before)
    assert all("to_int(" in one for one in after)


def test_numbers_sort_as_numbers(empty_database, tmp_path):
    import pyarrow as pa

    items = batch(2021, 3)
    position = items.schema.get_field_index("emb:dimensions")
    items = items.set_column(position, "emb:dimensions", pa.array([128, 1024, 64]))
    load_queryables(empty_database, DOCUMENT)
    load_folder(empty_database, write_crawl(tmp_path, batches=[items]))
    query = {"sortby": [{"field": "emb:dimensions", "direction": "desc"}]}
    with connect(empty_database) as connection:
        (found,) = connection.execute("SELECT search(%s)", [orjson.dumps(query).decode()]).fetchone()
    assert [feature["properties"]["emb:dimensions"] for feature in found["features"]] == [1024, 128, 64]
