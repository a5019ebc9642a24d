"""Crawl folders: which product owns one, and how damage is recognised."""

import os

import pytest

from atlas.crawl.folder import write_json
from atlas.errors import CrawlError
from atlas.formats.crawl_folder import read_json

from .conftest import lines


def test_a_folder_holds_one_product(crawl, index, product, tmp_path):
    folder = index({"a.txt": lines("0.15_52.05")})
    crawl(folder)
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    with pytest.raises(CrawlError, match="out: holds the crawl of 'tessera-v1'; use another --out"):
        crawl(folder, record=product.model_copy(update={"id": "another"}))
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(crawl, index, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CrawlError, match=r"Not a directory|File exists"):
        crawl(index({"a.txt": lines("0.15_52.05")}), tmp_path / "file" / "out")


def test_json_is_written_whole_and_read_back(tmp_path):
    write_json(tmp_path / "a.json", {"b": [1, None]})
    assert read_json(tmp_path / "a.json") == {"b": [1, None]}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
    assert read_json(tmp_path / "none.json") is None


def test_a_damaged_file_is_an_error_that_says_what_to_do(tmp_path):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(CrawlError, match=r"a\.json: .* 'atlas check --repair' rebuilds it"):
        read_json(tmp_path / "a.json")


def test_a_renamed_file_has_its_folder_written_to_the_disk(tmp_path, monkeypatch):
    import stat

    from atlas.crawl.folder import write_text

    synced = []
    monkeypatch.setattr("atlas.crawl.folder.os.fsync", lambda handle: synced.append(os.fstat(handle).st_mode))
    write_text(tmp_path / "one.json", b"{}")
    assert [stat.S_ISDIR(mode) for mode in synced] == [False, True]


def test_a_manifest_of_another_form_stops_a_crawl_with_the_way_to_mend_it(crawl, index, tmp_path):
    folder = index({"a.txt": lines("0.15_52.05")})
    crawl(folder)
    for text in ("[]", '{"shards": {"a": 1}}', '{"product": "tessera-v1"}'):
        (tmp_path / "out" / "manifest.json").write_text(text)
        with pytest.raises(CrawlError, match=r"manifest\.json: not the manifest of a crawl; 'atlas check --repair'"):
            crawl(folder)


def test_every_file_of_a_crawl_reached_the_disk_before_it_got_its_name(crawl, index, tmp_path, monkeypatch):
    synced, sync = set(), os.fsync
    monkeypatch.setattr("os.fsync", lambda handle: synced.add(os.fstat(handle).st_ino) or sync(handle))
    twice = lines("0.15_52.05")
    crawl(index({"a.txt": twice + "broken\n", "b.txt": twice + lines("0.25_52.05")}))
    out = tmp_path / "out"
    assert {path.name for path in (out / "set-aside").iterdir()} == {"a.ndjson", "b.ndjson"}
    written = [path for path in out.rglob("*") if path.is_file() and path.name != ".lock"]
    assert [path.name for path in written if path.stat().st_ino not in synced] == []
