"""Verifying assets: how many are opened, what is remembered, and that it does not count as a change."""

import json

import pyarrow.parquet as pq
import pytest

from atlas.crawl import verify
from atlas.errors import UnreadableInput
from atlas.sources import verify_assets
from atlas.sources.base import Finding

from .conftest import lines

MANY = lines(*(f"{n / 10 + 0.05:.2f}_52.05" for n in range(60)))


@pytest.fixture
def opened(monkeypatch):
    """The assets that were opened; `opened.bad` and `opened.gone` set what is found there."""

    class Opened(list):
        bad = gone = closed = broken = None

    seen = Opened()

    def check(key, asset, item, source, access):
        seen.append((item["id"], key, asset["href"]))
        if key == seen.gone:
            msg = "403 forbidden"
            raise UnreadableInput(msg)
        if key == seen.closed:
            raise verify_assets.NotOpened
        if key == seen.broken:
            msg = "a corner of a parser"
            raise RuntimeError(msg)
        findings = (Finding(key, "file:size", 7, 8),) if key == seen.bad else ()
        return verify_assets.Checked(findings, ("href", "file:size"))

    monkeypatch.setattr(verify_assets, "check", check)
    return seen


def rows(tmp_path, part="r.parquet"):
    return pq.read_table(tmp_path / "out" / "items" / part).to_pylist()


def test_nothing_is_opened_unless_asked(crawl, index, opened, tmp_path):
    report = crawl(index({"r.txt": lines("0.15_52.05")}))
    assert opened == []
    assert report.verified is None
    assert "atlas:verified" not in rows(tmp_path)[0]


def test_all_assets_of_all_items_are_opened_and_the_items_say_so(crawl, index, opened, tmp_path):
    report = crawl(index({"r.txt": lines("0.15_52.05", "0.25_52.05")}), check="all")
    assert (report.verified["items"], report.verified["assets"], report.verified["faults"]) == (2, 6, 0)
    assert sorted({key for _, key, _ in opened}) == ["embeddings", "landmask", "scales"]
    assert [row["atlas:verification"] for row in rows(tmp_path)] == ["agrees", "agrees"]
    assert rows(tmp_path)[0]["atlas:verified"] is not None
    assert rows(tmp_path)[0]["atlas:verified_fields"] == [
        f"{key}/{field}" for key in ("embeddings", "scales", "landmask") for field in ("href", "file:size")
    ]


def test_a_difference_is_in_the_report_and_in_the_item(crawl, index, opened, tmp_path):
    opened.bad = "scales"
    report = crawl(index({"r.txt": lines("0.15_52.05")}), check="all")
    finding = {"item": "grid_0.15_52.05_2021", "asset": "scales", "field": "file:size", "expected": 7, "found": 8}
    assert report.verified["findings"] == [finding]
    assert json.loads((tmp_path / "out" / "verified.ndjson").read_text()) == finding
    assert rows(tmp_path)[0]["atlas:verification"] == "differs"
    assert "verified 3 assets: 1 faults" in report.to_text()


def test_an_asset_that_cannot_be_had_is_a_finding(crawl, index, opened):
    opened.gone = "landmask"
    report = crawl(index({"r.txt": lines("0.15_52.05")}), check="all")
    (finding,) = report.verified["findings"]
    assert (finding["asset"], finding["field"], finding["found"]) == ("landmask", "href", "403 forbidden")


def test_an_asset_that_is_not_opened_is_not_said_to_agree(crawl, index, opened, tmp_path):
    opened.closed = "scales"
    report = crawl(index({"r.txt": lines("0.15_52.05")}), check="all")
    assert (report.verified["assets"], report.verified["not_opened"], report.verified["faults"]) == (2, 1, 0)
    assert rows(tmp_path)[0]["atlas:verification"] == "not opened"
    assert not any(field.startswith("scales/") for field in rows(tmp_path)[0]["atlas:verified_fields"])
    assert "verified 2 assets: 0 faults; 1 of a kind that is not opened" in report.to_text()


def test_a_difference_counts_more_than_an_asset_that_is_not_opened(crawl, index, opened, tmp_path):
    opened.closed, opened.bad = "scales", "landmask"
    crawl(index({"r.txt": lines("0.15_52.05")}), check="all")
    assert rows(tmp_path)[0]["atlas:verification"] == "differs"


def test_an_unexpected_fault_is_a_finding_and_the_crawl_is_finished(crawl, index, opened, tmp_path):
    opened.broken = "embeddings"
    report = crawl(index({"r.txt": lines("0.15_52.05")}), check="all")
    (finding,) = report.verified["findings"]
    assert (finding["asset"], finding["found"]) == ("embeddings", "unexpected RuntimeError: a corner of a parser")
    assert (tmp_path / "out" / "report.json").exists()
    assert (tmp_path / "out" / "manifest.json").exists()


def test_a_sample_is_small_spread_over_all_parts_and_always_the_same(crawl, index, opened, tmp_path):
    folder = index({"a.txt": MANY, "b.txt": MANY.replace("2021/", "2022/")})
    report = crawl(folder, check="sample")
    assert report.verified["items"] == verify.SAMPLE
    chosen = {item for item, _, _ in opened}
    assert {item[-4:] for item in chosen} == {"2021", "2022"}
    marked = [row for part in ("a.parquet", "b.parquet") for row in rows(tmp_path, part) if row["atlas:verified"]]
    assert {row["id"] for row in marked} == chosen
    opened.clear()
    crawl(folder, tmp_path / "again", check="sample")
    assert {item for item, _, _ in opened} == chosen


def test_verifying_is_no_change_and_is_remembered(crawl, index, opened, tmp_path):
    folder = index({"r.txt": lines("0.15_52.05")})
    crawl(folder)
    report = crawl(folder, check="all")
    assert report.nothing_changed
    report = crawl(folder)
    assert (report.skipped, report.nothing_changed) == (1, True)
    assert rows(tmp_path)[0]["atlas:verification"] == "agrees"


def test_an_item_of_a_changed_shard_was_not_verified_but_did_not_change(crawl, index, opened, tmp_path):
    crawl(index({"r.txt": lines("0.15_52.05")}), check="all")
    report = crawl(index({"r.txt": lines("0.15_52.05", "0.25_52.05")}))
    assert (report.changes.added, report.changes.unchanged, report.changes.changed) == (1, 1, 0)
    assert "atlas:verified" not in rows(tmp_path)[0]
