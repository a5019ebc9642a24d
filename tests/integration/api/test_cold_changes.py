"""What a server reads of the parts of a cold Collection, and what it answers while these change."""

import asyncio
import threading

import httpx
import psycopg
import pytest

from atlas.api import cache, cold
from atlas.api.app import create_app
from atlas.api.cold import ColdParts
from atlas.api.search.execute import Searcher
from atlas.settings import Settings
from atlas.store.cold.moves import cool, warm
from atlas.store.load.pgstac import load_folder
from tests.integration.api.cold_crawls import (
    REJECTED,
    items_of,
    loaded,
    matched,
    served,
    write_folder,
    write_folders,
)
from tests.integration.api.conftest import running
from tests.integration.conftest import fresh_database

HOT, LOCAL, BUCKET = "aef-v1-annual", "clay-v0-sentinel", "tessera-v1"


@pytest.fixture
def hasty(monkeypatch):
    """Moves are announced a second before they are made, and the API looks and trusts for as much shorter times."""
    for owner, name, seconds in ((cache, "LEAST_SECONDS", 0.3), (cold, "_SURE", 0.5)):
        monkeypatch.setattr(owner, name, seconds)
    return 1.0


@pytest.fixture
def own(cluster, tmp_path):
    with served(cluster, tmp_path) as one:
        yield one


def test_an_item_is_found_by_its_id_in_the_row_group_that_holds_it(own, monkeypatch):
    conninfo, folders, url = own
    cool(conninfo, [str(folders[LOCAL])], notice=0)
    read, gathers = [], cold.gather

    def gather(file, groups, *rest):
        read.extend(groups)
        return gathers(file, groups, *rest)

    monkeypatch.setattr("atlas.api.cold.gather", gather)
    for name in ("bow-tie", items_of(LOCAL)[7]["id"], items_of(LOCAL)[150]["id"]):
        read.clear()
        assert httpx.get(f"{url}/stac/collections/{LOCAL}/items/{name}", timeout=60).json()["id"] == name
        assert len(read) == 1
    assert matched(url, collections=[LOCAL], ids=["bow-tie", items_of(LOCAL)[7]["id"], "nothing"]) == 2
    read.clear()
    assert httpx.get(f"{url}/stac/collections/{LOCAL}/items/nothing", timeout=60).status_code == 404
    assert read == []
    with psycopg.connect(conninfo) as connection:  # one that left the database before its ids were noted
        connection.execute("UPDATE atlas.cold SET id_buckets = 0")
    assert matched(url, collections=[LOCAL], ids=["bow-tie", "nothing"]) == 1
    assert len(read) > 5


def test_only_rows_that_have_the_texts_that_a_filter_wants_go_to_the_database(own, monkeypatch):
    conninfo, folders, url = own
    cool(conninfo, [str(folders[LOCAL])], notice=0)
    sent, over = [], ColdParts.over

    async def count(self, one, columns, *rest):
        sent.append(len(columns))
        return await over(self, one, columns, *rest)

    monkeypatch.setattr(ColdParts, "over", count)
    note = [item["properties"]["note"] for item in items_of(LOCAL) if item["id"] != REJECTED]
    for text, wanted in (("= '{}'", note[:1]), ("IN ('{}', '{}')", [note[0], note[1]])):
        sent.clear()
        found = matched(url, collections=[LOCAL], filter=f"note {text.format(*wanted)}", **{"filter-lang": "cql2-text"})
        assert found == sum(one in wanted for one in note)
        assert found <= sum(sent) <= 2 * found
    sent.clear()
    some = f"note = '{note[0]}' OR note = '{note[1]}'"
    assert matched(url, collections=[LOCAL], filter=some, **{"filter-lang": "cql2-text"}) == found
    assert sum(sent) >= 201


def test_a_crawl_into_the_folder_that_is_read_leaves_no_gap(own):
    conninfo, folders, url = own
    folder = folders[LOCAL]
    (folder / ".lock").touch()
    cool(conninfo, [str(folder)], notice=0)
    newer = write_folder(folder / "newer", LOCAL, items_of(LOCAL)[:30])
    for part in (folder / "items").iterdir():
        (newer / "items" / part.name).replace(part)
    assert matched(url, collections=[LOCAL]) == 201
    load_folder(conninfo, folder)
    assert matched(url, collections=[LOCAL]) == 30
    assert httpx.get(f"{url}/stac/collections/{LOCAL}/items/bow-tie", timeout=60).status_code == 404


def test_what_a_slow_request_was_not_told_in_time_is_noticed(own, hasty, monkeypatch):
    """It began before the API knew of the move, and comes to the database when the Items are gone."""
    conninfo, folders, url = own
    table, slept = Searcher._table, []

    async def slow(self, *arguments):
        if not slept:
            slept.append(True)
            await asyncio.to_thread(cool, conninfo, [str(folders[LOCAL])], notice=hasty)
        return await table(self, *arguments)

    monkeypatch.setattr(Searcher, "_table", slow)
    assert matched(url) == 603
    assert slept


def test_while_collections_leave_and_come_back_every_answer_is_whole(cluster, hasty, tmp_path):
    """However long an answer takes: one that began before the API knew is compared with what it was told meanwhile."""
    folders = write_folders(tmp_path)
    done, moved = threading.Event(), []

    def move(conninfo):
        try:
            for _ in range(2):
                cool(conninfo, [str(folders[LOCAL])], notice=hasty)
                warm(conninfo, LOCAL)
                moved.append(True)
        finally:
            done.set()

    whole_answers = 0
    with (
        fresh_database(cluster, loaded) as conninfo,
        running(create_app(Settings(), conninfo)) as url,
        httpx.Client(timeout=120) as client,
    ):
        mover = threading.Thread(target=move, args=[conninfo])
        mover.start()
        while not done.wait(0.1):
            page = client.post(f"{url}/stac/search", json={"limit": 700})
            tiles = client.get(f"{url}/stac/atlas/estimate?product={LOCAL}")
            assert {page.status_code, tiles.status_code} <= {200, 503}, (page.text, tiles.text)
            if page.status_code == 200:
                features = page.json()["features"]
                assert len({(f["collection"], f["id"]) for f in features}) == page.json()["numberMatched"] == 603
                whole_answers += 1
            if tiles.status_code == 200:
                assert tiles.json()["tiles"] == 201
        mover.join()
    assert len(moved) == 2
    assert whole_answers > 3
