"""Reading an API year by year: each Item once, whatever its time's precision and zone; endless pages stop."""

import datetime as dt
import json
import urllib.parse

import pytest

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.sources.base import Source
from atlas.sources.stac import pages as stac_pages
from atlas.sources.stac.api import READER
from atlas.sources.stac.pages import Slice, slices

TIMES = {
    "noon-2020": "2020-06-01T12:00:00Z",
    "last-second-2021": "2021-12-31T23:59:59Z",
    "last-fraction-2021": "2021-12-31T23:59:59.999999Z",
    "range-in-the-last-second-2022": ("2022-12-31T23:59:59.100Z", "2022-12-31T23:59:59.900Z"),
    "first-2022": "2022-01-01T00:00:00Z",
    "over-new-year": ("2021-12-01T00:00:00Z", "2022-02-01T00:00:00Z"),
    "by-another-zone-2021": "2022-01-01T00:30:00+01:00",
    "by-another-zone-2022": "2021-12-31T23:30:00-01:00",
    "small-letters": "2021-05-01t00:00:00z",
    "noon-2023": "2023-06-01T12:00:00Z",
}


def item(name, time):
    start, end = time if isinstance(time, tuple) else (None, None)
    when = {"datetime": None, "start_datetime": start, "end_datetime": end} if start else {"datetime": time}
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": "Point", "coordinates": [1, 2]},
        "properties": when,
        "assets": {"embeddings": {"href": f"https://example.com/{name}.parquet"}},
    }


class Api:
    """Pages of two, of a host that compares times exactly; `counts` are its `numberMatched`."""

    def __init__(self, web, times, *, counts=True, page=None):
        self.items, self.counts, self.asked = [item(*one) for one in times.items()], counts, []
        interval = [["2020-01-01T00:00:00Z", "2023-12-31T23:59:59Z"]]
        links = [{"rel": "items", "href": "items"}]
        collection = {"type": "Collection", "id": "c", "links": links, "extent": {"temporal": {"interval": interval}}}
        web.routes["/collections/c/items"] = page or self.page
        web.routes["/collections/c"] = lambda handler: handler.reply(200, json.dumps(collection).encode())

    @staticmethod
    def moment(text):
        return dt.datetime.fromisoformat(text.upper())

    def matches(self, item, interval):
        properties = item["properties"]
        first = self.moment(properties.get("start_datetime") or properties["datetime"])
        last = self.moment(properties.get("end_datetime") or properties["datetime"])
        start, end = interval.split("/")
        return (start == ".." or last >= self.moment(start)) and (end == ".." or first <= self.moment(end))

    def page(self, handler):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(handler.path).query))
        found = [i for i in self.items if self.matches(i, query.get("datetime", "../.."))]
        at, size = int(query.get("at", 0)), min(2, int(query["limit"]))
        page = {"type": "FeatureCollection", "features": found[at : at + size], "links": []}
        if self.counts:
            page["numberMatched"] = len(found)
        if at + size < len(found):
            page["links"] = [{"rel": "next", "href": "items?" + urllib.parse.urlencode(query | {"at": at + size})}]
        handler.reply(200, json.dumps(page).encode())


@pytest.fixture
def product(products):
    return products["earth-genome-ssl4eo-yearly"]


@pytest.mark.parametrize("counts", [True, False])
def test_no_item_is_lost_between_two_years(crawl, web, product, counts):
    Api(web, TIMES, counts=counts)
    rows, aside = crawl(READER, product, f"{web.url}/collections/c")
    assert aside == []
    assert sorted(row["id"] for row in rows) == sorted(TIMES)


def test_each_item_belongs_to_the_year_in_which_it_begins_by_utc(web, product, policy):
    Api(web, TIMES)
    source, access = Source(product, f"{web.url}/collections/c"), Access(policy)
    found = {
        shard.id: sorted(
            i for batch in READER.read(shard, source, access) if batch.rows for i in batch.rows["id"].to_pylist()
        )
        for shard in READER.plan(source, access)
    }
    assert found == {
        "year_2020": ["noon-2020"],
        "year_2021": [
            "by-another-zone-2021",
            "last-fraction-2021",
            "last-second-2021",
            "over-new-year",
            "small-letters",
        ],
        "year_2022": ["by-another-zone-2022", "first-2022", "range-in-the-last-second-2022"],
        "year_2023": ["noon-2023"],
    }


def test_an_api_that_does_not_count_is_read_in_one_piece(web, product, policy):
    Api(web, TIMES, counts=False)
    assert [s.id for s in READER.plan(Source(product, f"{web.url}/collections/c"), Access(policy))] == ["year_all"]


def test_an_item_without_a_time_that_can_be_read_is_rejected_once():
    parts = [part for _, part in slices({"extent": {"temporal": {"interval": [["2020", "2022"]]}}})]
    for properties in ({}, {"datetime": None}, {"datetime": "soon"}, {"datetime": 5}, None):
        assert [part.holds({"properties": properties}) for part in parts] == [True, False, False]
    assert [part.holds({"properties": {"datetime": "2021-99-99"}}) for part in parts] == [False, True, False]
    assert Slice().holds("text")


@pytest.mark.parametrize(
    ("features", "link", "message"),
    [
        (lambda n: [], lambda n: "items?token=x", "do not end$"),
        (lambda n: [], lambda n: f"items?token={n}", "do not end: 9 in a row hold no new Item"),
        (lambda n: [item("same", "2021-01-01T00:00:00Z")], lambda n: f"items?token={n}", "9 in a row hold no new"),
    ],
)
def test_pages_that_never_end_are_an_error(crawl, web, product, monkeypatch, features, link, message):
    monkeypatch.setattr(stac_pages, "BARREN", 9)
    asked = []

    def page(handler):
        asked.append(handler.path)
        links = [{"rel": "next", "href": link(len(asked))}]
        handler.reply(200, json.dumps({"features": features(len(asked)), "links": links}).encode())

    Api(web, {}, page=page)
    with pytest.raises(SourceError, match=message):
        crawl(READER, product, f"{web.url}/collections/c")
    assert len(asked) < 15


def test_a_page_by_post_goes_on_with_what_the_first_by_get_asked_for(crawl, web, product):
    api = Api(web, TIMES)
    foreign = {**item("foreign", "2021-06-01T00:00:00Z"), "collection": "other"}

    def page(handler):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(handler.path).query))
        query |= json.loads(handler.sent) if handler.sent else {"collections": ["c"]}
        found = [i for i in api.items if api.matches(i, query.get("datetime", "../.."))]
        found += [] if query.get("collections") == ["c"] else [foreign]
        at, size = int(query.get("token", 0)), min(2, int(query["limit"]))
        link = {"rel": "next", "href": f"{web.url}/search", "method": "POST", "merge": True, "body": {"token": at + 2}}
        answer = {"features": found[at : at + size], "numberMatched": len(found), "links": []}
        answer["links"] += [link] if at + size < len(found) else []
        api.asked.append(query)
        handler.reply(200, json.dumps(answer).encode())

    web.routes["/collections/c/items"] = web.routes["/search"] = page
    rows, aside = crawl(READER, product, f"{web.url}/collections/c")
    assert (aside, sorted(row["id"] for row in rows)) == ([], sorted(TIMES))
    assert all("datetime" in query for query in api.asked if query["limit"] != "1")
