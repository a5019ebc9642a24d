"""The feed of changes that the API builds where there is no site: valid Atom, of records and of crawls."""

import datetime as dt
import json
import os
from pathlib import Path

import pytest
from lxml import etree
from structlog.testing import capture_logs

from atlas.answers.changes import Change
from atlas.api.questions.feed import build_feed, entries_of

ATOM = "{http://www.w3.org/2005/Atom}"
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parents[1] / "web" / "atom.rng"))
HOSTILE = "</title><script>alert(1)</script> & ]]> \x00\x0b\ufffe \"'"
ADDRESSES = {"stac": "https://example.org/stac", "site": "https://example.org"}
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def crawl(folder, product="tessera-v1", *, drift=("the record states 5, the index 6",), **report):
    """Write the reports of a crawl, as `atlas crawl` does."""
    path = folder / product
    path.mkdir(parents=True)
    document = {"product": product, "source": "https://example.org/part.txt", "finished": "2026-12-01T10:00:00Z"}
    document |= {"items": 1234, "set_aside_by_reason": {"no grid": 2, "no year": 3}, **report}
    (path / "report.json").write_text(json.dumps(document), "utf-8")
    notes = [{"field": "counts.items", "record": 5, "crawl": 6, "message": m} for m in drift]
    (path / "drift.json").write_text(json.dumps({"product": product, "drift": notes}), "utf-8")
    return path


def parsed(entries):
    feed = etree.fromstring(build_feed(entries, NOW, **ADDRESSES))
    SCHEMA.assertValid(feed)
    return feed


def test_every_record_has_an_entry_and_the_feed_is_valid(catalog, tmp_path):
    entries = entries_of(catalog, tmp_path / "nothing")
    assert {e.product for e in entries if e.kind == "record"} == set(catalog.products)
    assert any(e.kind == "fields" for e in entries)
    feed = parsed(entries)
    assert feed.findtext(f"{ATOM}updated") == "2026-11-20T12:00:00Z"
    shown = feed.findall(f"{ATOM}entry")
    assert len(shown) == min(100, len(entries))
    ids = [e.findtext(f"{ATOM}id") for e in shown]
    assert len(ids) == len(set(ids))
    dates = [e.findtext(f"{ATOM}updated") for e in shown]
    assert dates == sorted(dates, reverse=True)


def test_a_feed_without_an_author_is_not_valid():
    feed = parsed([])
    feed.remove(feed.find(f"{ATOM}author"))
    assert not SCHEMA.validate(feed)


def test_a_crawl_and_its_drift_come_first(catalog, tmp_path):
    crawl(tmp_path)
    drift, found = entries_of(catalog, tmp_path)[:2]
    assert (drift.kind, drift.id, drift.text) == (
        "drift",
        "drift:tessera-v1:2026-12-01:0",
        "the record states 5, the index 6",
    )
    assert (found.kind, found.title, found.text) == (
        "crawl",
        f"{catalog.products['tessera-v1'].title}: part of the index read",
        "1\u202f234 Items found, 5 entries rejected.",
    )
    entry = parsed([drift, found]).find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}link").get("href") == "https://example.org/stac/collections/tessera-v1"
    assert entry.find(f"{ATOM}category").get("term") == "drift"
    assert entry.findtext(f"{ATOM}updated") == "2026-12-01T10:00:00Z"


def test_the_whole_index_is_told_from_a_part(catalog, tmp_path):
    crawl(tmp_path, drift=(), index_read="whole")
    assert entries_of(catalog, tmp_path)[0].title.endswith(": index read")


def test_a_new_report_is_seen(catalog, tmp_path):
    path = crawl(tmp_path) / "report.json"
    entries_of(catalog, tmp_path)
    path.write_text(path.read_text("utf-8").replace("1234", "99999"), "utf-8")
    assert any(e.text.startswith("99\u202f999 Items") for e in entries_of(catalog, tmp_path))


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"product": "tessera-v1"}', '{"product": "tessera-v1", "finished": "yesterday", "items": 1}'],
)
def test_a_report_that_cannot_be_read_is_logged_and_the_rest_goes_on(catalog, tmp_path, text):
    path = crawl(tmp_path) / "report.json"
    path.write_text(text, "utf-8")
    crawl(tmp_path, "aef-v1-annual", drift=())
    with capture_logs() as logs:
        entries = entries_of(catalog, tmp_path)
    assert [e.product for e in entries if e.kind == "crawl"] == ["aef-v1-annual"]
    assert [(line["event"], line["folder"]) for line in logs] == [("crawl_unreadable", os.fspath(path.parent))]


def test_hostile_text_stays_text():
    feed = parsed([Change(HOSTILE, NOW, "drift", "a/b c", HOSTILE, HOSTILE)])
    assert "script" not in {e.tag.split("}")[-1] for e in feed.iter()}
    assert feed.findtext(f"{ATOM}entry/{ATOM}title").startswith("</title><script>alert(1)</script> & ]]> \ufffd")
    assert feed.find(f"{ATOM}entry/{ATOM}link").get("href").endswith("/collections/a%2Fb%20c")
