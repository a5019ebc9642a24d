"""Shards, parts and reruns: what is read again, kept, or marked."""

import dataclasses
import gzip
import json

import pyarrow.parquet as pq
import pytest

from atlas.crawl.folder import CrawlFolder
from atlas.errors import CrawlError, SourceError, UnreadableInput
from stac_emb.validate import Validator

from .conftest import A, B, C, lines

THREE = lines("0.15_52.05", "0.25_52.05", "0.35_52.05")


def snapshot(root):
    return {
        p.relative_to(root).as_posix(): (p.read_bytes(), p.stat().st_mtime_ns)
        for folder in ("items", "set-aside", "state")
        for p in sorted((root / folder).iterdir())
    }


def changes(report):
    c = report.changes
    return {name: n for name in ("added", "changed", "unchanged", "vanished", "reappeared") if (n := getattr(c, name))}


def ids(path):
    return pq.read_table(path)["id"].to_pylist()


def test_a_crawl_writes_items_state_manifest_report_and_collection(crawl, index, tmp_path):
    report = crawl(index({"registry_2021.txt": THREE + "broken\n"}))
    out = tmp_path / "out"
    assert ids(out / "items" / "registry_2021.parquet") == [f"grid_0.{n}5_52.05_2021" for n in (1, 2, 3)]
    written = json.loads((out / "report.json").read_text())
    assert (written["product"], written["items"], written["unchanged"], written["added"]) == ("tessera-v1", 3, 0, 3)
    assert written["set_aside"] == [
        {"file": "registry_2021.txt", "line": 7, "reason": "not a registry line", "field": None, "detail": "broken"}
    ]
    assert written["set_aside_by_reason"] == {"not a registry line": 1}
    assert written["years"] == {"2021": 3}
    assert written["bbox"] == [0.1, 52.0, 0.4, 52.1]
    manifest = json.loads((out / "manifest.json").read_text())
    part = manifest["shards"]["registry_2021"]["parts"]["items/registry_2021.parquet"]
    assert part["sha256"] == report.states["registry_2021"].sha256
    collection = json.loads((out / "collection.json").read_text())
    assert collection["extent"] == {
        "spatial": {"bbox": [[-180.0, -90.0, 180.0, 90.0]]},
        "temporal": {"interval": [["2017-01-01T00:00:00Z", "2025-12-31T23:59:59Z"]]},
    }
    assert collection["atlas:index_read"] == "part"
    assert "1 rejected" in (out / "report.txt").read_text()


def test_items_are_valid_stac_as_stac_geoparquet_reads_them(crawl, index, tmp_path):
    import stac_geoparquet.arrow

    crawl(index({"registry_2021.txt": THREE}))
    table = pq.read_table(tmp_path / "out" / "items" / "registry_2021.parquet")
    validator = Validator()
    for item in stac_geoparquet.arrow.stac_table_to_items(table):
        assert validator.validate(item) == []
    assert validator.validate(json.loads((tmp_path / "out" / "collection.json").read_text())) == []


def test_a_second_crawl_reads_nothing_and_says_so(crawl, index, tmp_path):
    folder = index({"registry_2021.txt": THREE + "broken\n"})
    crawl(folder)
    before = snapshot(tmp_path / "out")
    manifest = (tmp_path / "out" / "manifest.json").read_bytes()
    report = crawl(folder)
    assert snapshot(tmp_path / "out") == before
    assert (tmp_path / "out" / "manifest.json").read_bytes() == manifest
    assert (report.read, report.skipped, changes(report)) == (0, 1, {"unchanged": 3})
    assert report.nothing_changed
    assert report.to_text().startswith("tessera-v1: nothing changed: 3 items, 1 of 1 shards unread")
    written = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (written["unchanged"], written["set_aside_total"], len(written["set_aside"])) == (3, 1, 1)


def test_only_the_shard_that_changed_is_read(crawl, index):
    crawl(index({"registry_2021.txt": THREE, "registry_2022.txt": lines("0.15_52.05", year=2022)}))
    report = crawl(
        index({"registry_2021.txt": THREE, "registry_2022.txt": lines("0.15_52.05", "0.25_52.05", year=2022)})
    )
    assert (report.read, report.skipped) == (1, 1)
    assert changes(report) == {"added": 1, "unchanged": 4}


def test_added_changed_vanished_and_reappeared_items_are_told_apart(crawl, index, tmp_path):
    crawl(index({"r.txt": THREE}))
    report = crawl(index({"r.txt": lines("0.25_52.05") + lines("0.35_52.05", first=C) + lines("0.45_52.05")}))
    assert changes(report) == {"added": 1, "changed": 1, "unchanged": 1, "vanished": 1}
    assert report.items == 3
    gone = pq.read_table(tmp_path / "out" / "items" / "r~vanished.parquet").to_pylist()
    assert [(row["id"], row["deprecated"]) for row in gone] == [("grid_0.15_52.05_2021", True)]
    assert gone[0]["stac_extensions"][-1] == "https://stac-extensions.github.io/version/v1.2.0/schema.json"
    report = crawl(index({"r.txt": THREE}))
    assert changes(report) == {"reappeared": 1, "changed": 1, "unchanged": 1, "vanished": 1}
    assert ids(tmp_path / "out" / "items" / "r~vanished.parquet") == ["grid_0.45_52.05_2021"]


def test_vanished_items_stay_marked_and_are_valid(crawl, index, tmp_path):
    import stac_geoparquet.arrow

    for text in (THREE, lines("0.25_52.05", "0.35_52.05"), lines("0.35_52.05")):
        crawl(index({"r.txt": text}))
    table = pq.read_table(tmp_path / "out" / "items" / "r~vanished.parquet")
    assert table["id"].to_pylist() == ["grid_0.15_52.05_2021", "grid_0.25_52.05_2021"]
    for item in stac_geoparquet.arrow.stac_table_to_items(table):
        assert Validator().validate(item) == []


def test_a_shard_that_is_no_longer_listed_is_marked_and_comes_back(crawl, index, tmp_path):
    both = {"a.txt": lines("0.15_52.05"), "b.txt": lines("0.25_52.05")}
    crawl(index(both))
    report = crawl(index({"a.txt": both["a.txt"]}))
    assert (report.gone, report.items, changes(report)) == (1, 1, {"unchanged": 1, "vanished": 1})
    assert not (tmp_path / "out" / "items" / "b.parquet").exists()
    assert ids(tmp_path / "out" / "items" / "b~vanished.parquet") == ["grid_0.25_52.05_2021"]
    assert crawl(index({"a.txt": both["a.txt"]})).nothing_changed
    assert changes(crawl(index(both))) == {"unchanged": 1, "reappeared": 1}


def test_a_shard_named_like_a_vanished_part_is_kept_apart(crawl, index, tmp_path):
    both = {"a.txt": lines("0.15_52.05", "0.25_52.05"), "a.vanished.txt": lines("0.35_52.05")}
    crawl(index(both))
    report = crawl(index(both | {"a.txt": lines("0.15_52.05")}))
    assert (report.items, changes(report)) == (2, {"unchanged": 2, "vanished": 1})
    assert ids(tmp_path / "out" / "items" / "a.vanished.parquet") == ["grid_0.35_52.05_2021"]
    assert ids(tmp_path / "out" / "items" / "a~vanished.parquet") == ["grid_0.25_52.05_2021"]


def test_another_source_adds_to_the_folder(crawl, index, tmp_path):
    crawl(index({"a.txt": THREE}) / "a.txt")
    report = crawl(index({"b.txt": lines("0.15_52.05", year=2022)}) / "b.txt")
    assert (report.gone, report.items, changes(report)) == (0, 4, {"added": 1, "unchanged": 3})


def test_a_record_that_says_more_makes_new_parts(crawl, index, product):
    folder = index({"a.txt": THREE})
    crawl(folder)
    other = product.model_copy(update={"embedding": product.embedding.model_copy(update={"gsd": 20.0})})
    report = crawl(folder, record=other)
    assert changes(report) == {"changed": 3}


def test_a_new_format_of_parts_reads_unchanged_shards_again(crawl, index, monkeypatch):
    folder = index({"a.txt": THREE})
    crawl(folder)
    monkeypatch.setattr("atlas.stac.item_template.FORMAT", 0)
    assert crawl(folder).read == 1


def test_a_first_crawl_without_items_is_not_unchanged(crawl, index):
    folder = index({"a.txt": "nothing\n"})
    first, second = crawl(folder), crawl(folder)
    assert (first.nothing_changed, first.no_items) == (False, True)
    assert first.to_text().splitlines()[0] == "tessera-v1: 0 items: 0 added, 0 changed, 0 unchanged, 0 vanished"
    assert (second.nothing_changed, second.no_items) == (True, True)


def test_a_part_that_was_removed_is_made_again(crawl, index, tmp_path):
    folder = index({"a.txt": THREE})
    crawl(folder)
    first = (tmp_path / "out" / "items" / "a.parquet").read_bytes()
    (tmp_path / "out" / "items" / "a.parquet").unlink()
    assert crawl(folder).read == 1
    assert (tmp_path / "out" / "items" / "a.parquet").read_bytes() == first


def test_a_damaged_shard_keeps_its_part_and_the_others_go_on(crawl, index, tmp_path):
    good = gzip.compress(THREE.encode(), mtime=0)
    crawl(index({"a.txt.gz": good}))
    before = snapshot(tmp_path / "out")
    report = crawl(index({"a.txt.gz": good[:-9], "b.txt": lines("0.45_52.05")}))
    assert list(report.faults) == ["a"]
    assert "a.txt.gz: damaged gzip data" in report.faults["a"]
    assert report.items == 4
    assert {k: v for k, v in snapshot(tmp_path / "out").items() if "/a." in k} == before
    assert not report.nothing_changed


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (THREE[:-30], "a.txt: ends in the middle of a line, where it held 3 before: what was found then is kept"),
        (THREE[:150], "a.txt: ends in the middle of a line, where it held 3 before: what was found then is kept"),
        ("", "a.txt: holds nothing that becomes an Item (0 rejected), where it held 3 before"),
        ("<html>\n", "a.txt: holds nothing that becomes an Item (1 rejected), where it held 3 before"),
    ],
)
def test_an_index_that_was_cut_or_emptied_marks_nothing_as_vanished(crawl, index, tmp_path, text, fault):
    crawl(index({"a.txt": THREE}))
    before = snapshot(tmp_path / "out")
    report = crawl(index({"a.txt": text}))
    assert report.faults["a"].startswith(fault)
    assert (report.items, report.changes.vanished) == (3, 0)
    assert snapshot(tmp_path / "out") == before


def test_a_broken_last_line_does_not_stop_the_rest(crawl, index):
    text = THREE + lines("0.45_52.05").rstrip("\n")[:-30]
    report = crawl(index({"a.txt": text}))
    assert (report.items, report.faults) == (3, {})
    assert dict(report.rejected) == {
        "bad hash; the file ends in the middle of this line": 1,
        "no scales file for this embeddings file": 1,
    }
    report = crawl(index({"a.txt": text, "b.txt": "broken"}))  # nothing is lost: nothing is refused
    assert (report.items, report.faults) == (3, {})


def test_a_last_line_needs_no_newline(crawl, index):
    report = crawl(index({"a.txt": THREE.rstrip("\n")}))
    assert (report.items, report.faults) == (3, {})


def test_a_plan_that_became_empty_marks_nothing_as_vanished(crawl, index, monkeypatch):
    from atlas.sources.tessera import registry as tessera_registry

    folder = index({"a.txt": THREE})
    crawl(folder)
    monkeypatch.setattr(tessera_registry.TesseraRegistry, "plan", lambda self, source, access: iter(()))
    report = crawl(folder)
    assert report.faults == {"plan": "the index lists nothing, where it listed something before"}
    assert (report.items, report.gone) == (3, 0)


def test_an_unexpected_fault_is_reported_with_its_shard(crawl, index, monkeypatch):
    monkeypatch.setattr("atlas.crawl.shard.items", lambda rows, template: 1 / 0)
    report = crawl(index({"a.txt": THREE}))
    assert report.faults == {"a": "unexpected ZeroDivisionError: division by zero"}


def test_an_unusable_source_is_an_error_at_first_and_a_fault_later(crawl, index, tmp_path):
    with pytest.raises(UnreadableInput, match="no such file"):
        crawl(tmp_path / "nothing.txt")
    folder = index({"a.txt": THREE})
    crawl(folder / "a.txt")
    (folder / "a.txt").unlink()
    report = crawl(folder / "a.txt")
    assert "no such file" in report.faults["plan"]
    assert (report.items, report.gone) == (3, 0)


def test_an_empty_folder_marks_nothing_as_vanished(crawl, index):
    folder = index({"a.txt": THREE})
    crawl(folder)
    (folder / "a.txt").unlink()
    report = crawl(folder)
    assert "no registry here" in report.faults["plan"]
    assert (report.items, report.gone) == (3, 0)


def test_two_crawls_of_one_folder_exclude_each_other(crawl, index, tmp_path):
    folder = index({"a.txt": THREE})
    crawl(folder)
    with (
        CrawlFolder(tmp_path / "out").locked(),
        pytest.raises(CrawlError, match=r"another crawl is writing here \(process \d+\)"),
    ):
        crawl(folder)
    crawl(folder)


def test_a_product_without_an_index_cannot_be_crawled(crawl, index, product):
    with pytest.raises(CrawlError, match="record 'tessera-v1' names no index"):
        crawl(index({"a.txt": THREE}), record=product.model_copy(update={"index": None}))


def test_an_index_of_a_kind_without_a_reader_is_an_error(crawl, index, product):
    strange = product.model_copy(update={"index": product.index.model_copy(update={"kind": "oracle"})})
    with pytest.raises(SourceError, match="no reader for an index of kind 'oracle'"):
        crawl(index({"a.txt": THREE}), record=strange)


def test_a_state_that_is_no_state_is_an_error_that_names_the_file(crawl, index, tmp_path):
    folder = index({"a.txt": THREE})
    crawl(folder)
    (tmp_path / "out" / "state" / "a.json").write_text("[]")
    with pytest.raises(CrawlError, match=r"a\.json: not the state of a shard"):
        crawl(folder)


def test_a_shard_that_sets_everything_aside_has_no_part(crawl, index, tmp_path):
    report = crawl(index({"a.txt": "nothing\n"}))
    assert (report.items, dict(report.rejected)) == (0, {"not a registry line": 1})
    assert list((tmp_path / "out" / "items").iterdir()) == []
    assert crawl(index({"a.txt": "nothing\n"})).skipped == 1


def test_hashes_of_both_files_are_kept_apart(crawl, index, tmp_path):
    crawl(index({"a.txt": THREE}))
    assets = pq.read_table(tmp_path / "out" / "items" / "a.parquet")["assets"][0].as_py()
    assert (assets["embeddings"]["file:checksum"], assets["scales"]["file:checksum"]) == ("1220" + A, "1220" + B)


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", ".hidden", "a/b", "", "x" * 201, "a\nb"])
def test_a_shard_whose_name_is_no_file_name_is_not_read(crawl, index, tmp_path, monkeypatch, name):
    from atlas.sources.tessera import registry as tessera_registry

    real = tessera_registry.TesseraRegistry.plan

    def plan(self, source, access):
        for shard in real(self, source, access):
            yield shard
            yield dataclasses.replace(shard, id=name)

    monkeypatch.setattr(tessera_registry.TesseraRegistry, "plan", plan)
    report = crawl(index({"a.txt": THREE}))
    assert report.faults == {"shard 1": f"illegal name {name[:100]!r}; it was not read"}
    assert report.items == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["index", "out"]


def test_two_shards_of_one_name_are_a_fault(crawl, index, monkeypatch):
    from atlas.sources.tessera import registry as tessera_registry

    real = tessera_registry.TesseraRegistry.plan
    monkeypatch.setattr(
        tessera_registry.TesseraRegistry, "plan", lambda self, source, access: [*real(self, source, access)] * 2
    )
    report = crawl(index({"a.txt": THREE}))
    assert report.faults == {"a": "the plan holds two shards of this name; the second was not read"}
    assert report.items == 3


def test_what_was_rejected_is_shortened(crawl, index, tmp_path):
    crawl(index({"a.txt": "x" * 3000 + "\n"}))
    (line,) = (tmp_path / "out" / "set-aside" / "a.ndjson").read_text().splitlines()
    assert len(json.loads(line)["detail"]) <= 500


def test_items_are_made_a_row_group_at_a_time_whatever_the_readers_batches(crawl, index, tmp_path, monkeypatch):
    from atlas.crawl import shard
    from atlas.sources.tessera import registry as tessera_registry

    folder = index({"a.txt": lines(*(f"{n / 10 + 0.05:.2f}_52.05" for n in range(25)))})
    crawl(folder, tmp_path / "whole")
    sizes = []
    real = shard.items

    def counted(rows, template):
        sizes.append(rows.num_rows)
        return real(rows, template)

    monkeypatch.setattr(shard, "items", counted)
    monkeypatch.setattr(shard, "ROW_GROUP", 10)
    monkeypatch.setattr(tessera_registry, "_CHUNK", 700)
    crawl(folder, tmp_path / "parts")
    assert sizes == [10, 10, 5]
    assert (tmp_path / "parts/items/a.parquet").read_bytes() == (tmp_path / "whole/items/a.parquet").read_bytes()
