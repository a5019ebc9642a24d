"""Disagreement between record and crawl."""

import datetime as dt
import json

import pytest

from atlas.crawl.drift import find_drift, text_of
from atlas.records.distributions import Counts
from atlas.records.extent import Extent
from atlas.records.product import Licences
from atlas.stac.crawl_summary import CrawlSummary

from .conftest import lines

BEGIN, END = dt.datetime(2017, 1, 1, tzinfo=dt.UTC), dt.datetime(2018, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
AGREES = CrawlSummary(100, (-10.0, -20.0, 10.0, 20.0), (BEGIN, END), {"2017": 50, "2018": 50}, 1_000)


@pytest.fixture
def record(product):
    extent = Extent(bbox=[[-10, -20, 10, 20]], interval=[[BEGIN, END]], years=[2017, 2018], place="Somewhere")
    return product.model_copy(
        update={"extent": extent, "counts": Counts(items=100, bytes=1_000), "version": "1.0",
                "index": product.index.model_copy(update={"columns": {"path": "a path", "sha256": "a hash"}}),
                "licences": Licences(data="CC0-1.0")}
    )  # fmt: skip


def changed(**fields):
    return CrawlSummary(**{f: getattr(AGREES, f) for f in ("items", "bbox", "interval", "years", "bytes")} | fields)


def test_nothing_to_say_where_they_agree(record):
    facts = {"license": "cc0-1.0", "version": "1.0", "columns": list(record.index.columns)}
    assert find_drift(record, AGREES, facts) == []
    assert text_of(record, []) == "tessera-v1: record and crawl agree\n"


@pytest.mark.parametrize(
    ("fields", "facts", "field", "message"),
    [
        (
            {"years": {"2017": 1, "2018": 1, "2019": 1}}, {}, "extent.years",
            "the index has years that the record lacks: 2019",
        ),
        ({"years": {"2018": 1}}, {}, "extent.years", "the record has years that the index lacks: 2017"),
        ({"items": 106}, {}, "counts.items", "the record states 100 items, the index has 106"),
        ({"bytes": 900}, {}, "counts.bytes", "the record states 1,000 bytes, the index has 900"),
        (
            {"bbox": (-10, -20, 10, 21)}, {}, "extent.bbox",
            "footprints reach beyond the record's extent: [-10, -20, 10, 21]",
        ),
        ({"bbox": (-11, -20, 10, 20)}, {}, "extent.bbox", "footprints reach beyond"),
        (
            {"interval": (BEGIN, END.replace(year=2019))}, {}, "extent.interval",
            "items lie outside the record's interval: 2017-01-01T00:00:00Z to 2019-12-31T23:59:59Z",
        ),
        ({}, {"license": "CC-BY-SA-4.0"}, "licences.data", "the record states license CC0-1.0, the index CC-BY-SA-4.0"),
        ({}, {"version": "1.1"}, "version", "the record states version 1.0, the index 1.1"),
        (
            {}, {"columns": ["path", "md5"]}, "index.columns",
            "the index lacks sha256 and has the new md5 among its columns",
        ),
        ({"items": 0}, {}, "counts.items", "the index lists nothing that became an Item"),
    ],
)  # fmt: skip
def test_each_disagreement_is_a_note(record, fields, facts, field, message):
    (note,) = find_drift(record, changed(**fields), facts)
    assert note.field == field
    assert note.message.startswith(message)
    assert text_of(record, [note]).startswith(f"tessera-v1: {field}: {message}")


@pytest.mark.parametrize(
    "fields",
    [{"items": 104}, {"bytes": 0}, {"bbox": (-10.1, -20, 10.1, 20)}, {"bbox": None, "interval": None}],
    ids=str,
)
def test_rounding_and_silence_are_no_drift(record, fields):
    assert find_drift(record, changed(**fields)) == []


def test_what_the_record_does_not_state_is_no_drift(record):
    silent = record.model_copy(update={"extent": None, "counts": Counts(), "licences": Licences(), "version": None})
    assert find_drift(silent, AGREES, {"license": "MIT", "version": "9"}) == []


def test_a_part_of_an_index_says_nothing_about_what_is_missing(record):
    part = changed(items=1, bytes=10, years={"2017": 1})
    assert find_drift(record, part, whole=False) == []
    (note,) = find_drift(record, changed(years={"2030": 1}), whole=False)
    assert note.crawl == [2030]


def test_columns_are_compared_where_the_index_is_the_records_own(record):
    own, other = sorted(record.index.columns), ["lat", "lon", "year", "hash"]
    assert find_drift(record, AGREES, {"columns": own}) == []
    assert [n.field for n in find_drift(record, AGREES, {"columns": other})] == ["index.columns"]
    # The registry that came before the manifest is a table of other columns: no news about the manifest.
    assert find_drift(record, AGREES, {"columns": other}, whole=False) == []


def test_the_columns_that_a_record_states_are_those_of_the_form_that_it_leads_to(catalog):
    """A text registry has no columns: a record with columns describes the table of that index."""
    for product in catalog.products.values():
        if product.index is not None and product.index.columns:
            assert product.index.url.endswith((".parquet", "/parts")), product.id


def test_a_crawl_writes_its_drift_and_takes_it_back(crawl, index, tmp_path):
    out = tmp_path / "out"
    report = crawl(index({"r.txt": lines("0.15_52.05", year=2031)}) / "r.txt")
    assert [note["field"] for note in report.drift] == ["extent.years", "extent.interval"]
    assert "the index has years that the record lacks: 2031" in (out / "drift.txt").read_text()
    assert json.loads((out / "drift.json").read_text())["drift"] == report.drift
    assert "2031" in (out / "drift.txt").read_text()
    report = crawl(index({"r.txt": lines("0.15_52.05", year=2021)}) / "r.txt")
    assert report.drift == []


def test_a_disagreement_that_goes_on_keeps_its_time(crawl, index, tmp_path, monkeypatch):
    out, clock = tmp_path / "out", iter(dt.datetime(2026, 11, day, tzinfo=dt.UTC) for day in range(1, 20))
    monkeypatch.setattr("atlas.crawl.engine.this_second", lambda: next(clock))
    files = {"r.txt": lines("0.15_52.05", year=2031)}
    crawl(index(files))
    before = [(out / name).read_bytes() for name in ("drift.json", "drift.txt")]
    crawl(index(files))
    assert [(out / name).read_bytes() for name in ("drift.json", "drift.txt")] == before
    assert json.loads((out / "drift.json").read_text())["at"] == "2026-11-02T00:00:00Z"
    crawl(index({"r.txt": lines("0.15_52.05", year=2032)}))
    assert json.loads((out / "drift.json").read_text())["at"] == "2026-11-06T00:00:00Z"


def test_a_reader_tells_what_the_index_states(crawl, index, monkeypatch):
    from atlas.sources.tessera import registry as tessera_registry

    monkeypatch.setattr(
        tessera_registry.TesseraRegistry, "facts", lambda self, source, access: {"license": "MIT"}, raising=False
    )
    report = crawl(index({"r.txt": lines("0.15_52.05")}))
    assert [note["message"] for note in report.drift] == ["the record states license CC0-1.0, the index MIT"]
