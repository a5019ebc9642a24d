"""`atlas crawl` and `atlas status`: what they print, write and exit with."""

import gzip
import json
import re

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from atlas.cli import cli
from atlas.commands import crawl, status
from atlas.crawl.folder import CrawlFolder
from atlas.errors import AtlasError
from atlas.resources import data_dir

SAMPLE = data_dir("catalog") / "samples" / "tessera-v1" / "registry.txt.gz"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("ATLAS_STATE_DIR", str(tmp_path / "state"))

    def invoke(command, *arguments, **options):
        return CliRunner().invoke(command, [str(a) for a in arguments], **options)

    return invoke


def test_the_bundled_sample_is_crawled_and_a_second_run_says_that_nothing_changed(run, tmp_path):
    out = tmp_path / "out"
    first = run(crawl.command, "tessera-v1", "--source", SAMPLE, "--out", out)
    assert first.exit_code == 0
    assert "tessera-v1: 4,363 items: 4,363 added" in first.stdout
    assert sum(pq.read_metadata(p).num_rows for p in (out / "items").iterdir()) == 4363
    second = run(crawl.command, "tessera-v1", "--source", SAMPLE, "--out", out)
    assert (second.exit_code, second.stdout.strip()) == (
        0, "tessera-v1: nothing changed: 4,363 items, 1 of 1 shards unread",
    )  # fmt: skip


def test_the_default_folder_is_below_the_state_folder_and_status_finds_it(run, tmp_path):
    assert run(status.command).stdout.strip() == "nothing was crawled yet: atlas crawl PRODUCT"
    assert run(crawl.command, "tessera-v1", "--source", SAMPLE).exit_code == 0
    assert (tmp_path / "state" / "crawls" / "tessera-v1" / "report.json").exists()
    head, _, line = run(status.command, env={"COLUMNS": "200"}).stdout.splitlines()
    assert head.split()[:3] == ["product", "last", "crawl"]
    assert line.split()[0] == "tessera-v1"
    # numbers end where their headings do
    assert line[: head.index("items") + len("items")].endswith("  4\u202f363")
    (found,) = json.loads(run(status.command, "--json").stdout)
    assert (found["items"], found["added"], found["set_aside"], found["asset_bytes"]) == (4363, 4363, 0, None)


def test_status_names_a_crawl_that_left_items_and_no_report(run, tmp_path):
    assert run(crawl.command, "tessera-v1", "--source", SAMPLE).exit_code == 0
    folder = tmp_path / "state" / "crawls" / "tessera-v1"
    (folder / "report.json").unlink()
    said = f"{folder}: Items without a report: the crawl is running, or broke off and can be run again"
    assert run(status.command).stdout.strip() == said
    other = run(status.command, "--json")
    assert (json.loads(other.stdout), other.stderr.strip()) == ([], said)


def test_json_is_the_report_and_progress_goes_to_standard_error(run, tmp_path):
    done = run(crawl.command, "tessera-v1", "--source", SAMPLE, "--out", tmp_path / "out", "--json")
    report = json.loads(done.stdout)
    assert report == json.loads((tmp_path / "out" / "report.json").read_text())
    assert json.loads(done.stderr.splitlines()[-1])["event"] == "finished"


def test_a_part_that_cannot_be_read_is_exit_code_1(run, tmp_path):
    index = tmp_path / "index"
    index.mkdir()
    (index / "a.txt").write_bytes(gzip.decompress(SAMPLE.read_bytes())[:0] + b"broken\n")
    (index / "b.txt.gz").write_bytes(SAMPLE.read_bytes()[:-100])
    done = run(crawl.command, "tessera-v1", "--source", index, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "shard b failed: b.txt.gz: damaged gzip data" in done.stdout
    assert "1 rejected" in done.stdout


def test_an_index_of_which_nothing_becomes_an_item_is_exit_code_1(run, tmp_path):
    index = tmp_path / "registry.txt"
    index.write_text("<html>not here</html>\n")
    for _ in range(2):
        done = run(crawl.command, "tessera-v1", "--source", index, "--out", tmp_path / "out")
        assert done.exit_code == 1
        assert "nothing that the index lists became an item" in done.stdout
        assert "1  not a registry line" in done.stdout


def test_an_index_that_cannot_be_understood_is_exit_code_1(run, tmp_path):
    (tmp_path / "index").mkdir()
    done = run(crawl.command, "tessera-v1", "--source", tmp_path / "index", "--out", tmp_path / "out")
    assert "no registry here" in str(done.exception)
    assert done.exception.exit_code == 1
    said = " ".join(run(cli, "crawl", "--help").stdout.split())
    assert "Exit code 1: the index or a part of it could not be understood" in said
    assert "2: there is nothing to read at the address" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "there is no product 'nothing'"),
        (["tesera-v1"], "did you mean tessera-v1"),
        (["tessera-v1", "--source", "/no/such/registry.txt"], "/no/such/registry.txt: no such file"),
    ],
)
def test_what_cannot_be_crawled_at_all_is_exit_code_2(run, tmp_path, arguments, message):
    done = run(crawl.command, *arguments, "--out", tmp_path / "out")
    assert isinstance(done.exception, AtlasError)
    assert message in str(done.exception)
    assert done.exception.exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name one PRODUCT, or give --all"),
        (["tessera-v1", "--all"], "name one PRODUCT, or give --all"),
        (["--all", "--out", "x"], "leave out --source, --out and --option"),
        (["--all", "--option", "extent=footers"], "leave out --source, --out and --option"),
        (["tessera-v1", "--option", "extent"], "--option extent: write NAME=VALUE"),
        (["tessera-v1", "--option", "a=b", "--option", "a=c"], "--option a is given twice"),
        (["tessera-v1", "--verify", "perhaps"], "Invalid value for '--verify'"),
        (["tessera-v1", "--workers", "0"], "Invalid value for '--workers'"),
    ],
)
def test_wrong_use_is_exit_code_2(run, arguments, message):
    done = run(crawl.command, *arguments)
    assert done.exit_code == 2
    assert message in done.stderr


@pytest.mark.parametrize(
    ("product", "option", "message"),
    [
        ("tessera-v1", "extent=footers", "kind 'parquet-index' has no such option; it has none"),
        ("earth-index-2024", "extend=footers", "--option extend: .* has no such option; it has extent=footers$"),
        ("earth-index-2024", "extent=names", "--option extent=names: no such value; write extent=footers$"),
        ("majortom-s2rgb-siglip", "collection=x", "kind 'hugging-face' has no such option; it has extent=footers$"),
        ("earth-genome-ssl4eo-yearly", "extent=footers", "has no such option; it has collection=TEXT$"),
    ],
)
def test_an_option_that_the_reader_does_not_know_is_refused_with_those_that_it_has(run, product, option, message):
    done = run(crawl.command, product, "--option", option)
    assert isinstance(done.exception, AtlasError)
    assert done.exception.exit_code == 2
    assert re.search(message, str(done.exception))


def test_an_option_reaches_the_reader_and_shards_are_read_again_with_it(run, tmp_path):
    folder, out = tmp_path / "files", tmp_path / "out"
    folder.mkdir()
    (folder / "31TDF_2024-01-01_2025-01-01.parquet").write_bytes(b"no footer")
    arguments = ("earth-index-2024", "--source", folder, "--out", out)
    assert run(crawl.command, *arguments).exit_code == 0
    done = run(crawl.command, *arguments, "--option", "extent=footers")
    assert done.exit_code == 1
    assert "file cannot be read" in (out / "report.txt").read_text() or "holds nothing that becomes" in done.stdout


def test_the_help_names_every_option_of_every_reader(run):
    from atlas.sources.base import _READERS, reader

    said = " ".join(run(cli, "crawl", "--help").stdout.split())
    found = {name for kind, ending, _ in _READERS for name in reader(kind, f"x{ending}").options}
    assert found == {"collection", "extent"}
    assert all(f"{name}=" in said for name in found)


def test_all_goes_on_where_one_product_cannot_be_had(run, tmp_path, monkeypatch):
    from atlas.crawl import run as crawl_run

    real = crawl_run.products_to_crawl
    wanted = ("clay-v0-sentinel", "tessera-v1")

    def two_of_them(catalog, product):
        for one in real(catalog, product):
            if one.id in wanted:
                href = str(SAMPLE) if one.id == "tessera-v1" else "/no/such/index/"
                yield one.model_copy(update={"index": one.index.model_copy(update={"url": href})})

    monkeypatch.setattr(crawl_run, "products_to_crawl", two_of_them)
    done = run(crawl.command, "--all")
    assert done.exit_code == 1
    assert "clay-v0-sentinel: /no/such/index" in done.stderr
    assert "tessera-v1: 4,363 items" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 products: 1 changed, 0 unchanged, 1 with faults: clay-v0-sentinel"
    again = run(crawl.command, "--all")
    assert again.stdout.splitlines()[-1] == "2 products: 0 changed, 1 unchanged, 1 with faults: clay-v0-sentinel"
    with CrawlFolder(tmp_path / "state" / "crawls" / "tessera-v1").locked():
        held = run(crawl.command, "--all", "--json")
    assert held.exit_code == 1
    assert ["another crawl is writing here" in r["fault"] for r in json.loads(held.stdout)] == [False, True]
    told = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert {line["product"] for line in told} == {"tessera-v1"}


def test_all_goes_on_where_one_product_meets_an_unexpected_fault(run, monkeypatch):
    from atlas.crawl import run as crawl_run

    real = crawl_run.products_to_crawl

    def two_of_them(catalog, product):
        found = {one.id: one for one in real(catalog, product)}
        yield found["clay-v0-sentinel"]
        one = found["tessera-v1"]
        yield one.model_copy(update={"index": one.index.model_copy(update={"url": str(SAMPLE)})})

    def broken(self, source, access):
        raise RuntimeError("a corner of a parser")

    monkeypatch.setattr(crawl_run, "products_to_crawl", two_of_them)
    monkeypatch.setattr("atlas.sources.object_listing.ObjectListing.plan", broken)
    done = run(crawl.command, "--all")
    assert done.exit_code == 1
    assert "clay-v0-sentinel: unexpected RuntimeError: a corner of a parser" in done.stderr
    assert "tessera-v1: 4,363 items" in done.stdout


def test_processes_make_the_same_report(run, tmp_path):
    done = run(crawl.command, "tessera-v1", "--source", SAMPLE, "--out", tmp_path / "out", "--workers", "2")
    assert done.exit_code == 0
    assert "4,363 added" in done.stdout


def test_the_state_of_a_folder_that_was_not_crawled_is_an_error(run, tmp_path):
    done = run(status.command, tmp_path)
    assert "no report.json: no crawl was finished here" in str(done.exception)
    (tmp_path / "report.json").write_text("[]")
    done = run(status.command, tmp_path)
    assert "report.json: not the report of a crawl" in str(done.exception)
    numbers = dict.fromkeys(("items", "part_bytes", "added", "changed", "vanished", "deprecated"), 1)
    report = {"product": "one", "finished": None, "asset_bytes": None, "faults": {}} | numbers
    for name in ("added", "part_bytes", "asset_bytes"):
        (tmp_path / "report.json").write_text(json.dumps(report | {name: "many"}))
        done = run(status.command, tmp_path)
        assert f"the report of the crawl is not whole ('{name}' is not a number: 'many')" in str(done.exception)


def test_both_commands_are_listed_with_their_help(run):
    assert "crawl" in run(cli, "--help").stdout
    assert "Crawl the index of PRODUCT" in run(cli, "crawl", "--help").stdout
    assert "last crawl of each product" in run(cli, "status", "--help").stdout
