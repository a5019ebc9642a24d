"""`atlas evidence` against loopback hosts."""

import json
import re
import shutil

import pytest
from click.testing import CliRunner

from atlas.commands import lint
from atlas.commands.evidence import command
from atlas.evidence import check as checking
from atlas.evidence.results import read_checks
from atlas.records import load_catalog
from atlas.resources import data_dir
from tests.loopback_host import Web

NAME = "clay-v0-sentinel"


@pytest.fixture
def web():
    server = Web()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def catalog(tmp_path, web, monkeypatch):
    """One product whose sources are two pages at the loopback host."""
    for name, value in {
        "ALLOW_PRIVATE_ADDRESSES": "true",
        "STATE_DIR": tmp_path / "state",
        "GITHUB_API": f"{web.url}/api",
        "GITHUB_RAW": f"{web.url}/raw",
        "HUB_URL": f"{web.url}/hub",
    }.items():
        monkeypatch.setenv(f"ATLAS_{name}", str(value))
    folder = tmp_path / "catalog"
    without = shutil.ignore_patterns("products", "samples", "evidence", "history", "ecosystem.yaml")
    shutil.copytree(data_dir("catalog"), folder, ignore=without)
    (folder / "products").mkdir()
    (folder / "ecosystem.yaml").write_text("[]\n", "utf-8")
    text = (data_dir("catalog") / "products" / f"{NAME}.yaml").read_text("utf-8")
    head, _, _ = text.partition("\nsources:\n")
    text = (
        f'{head}\nsources:\n  a: {{source: "{web.url}/a.html", checked: 2026-03-14, strength: primary}}\n'
        f'  b: {{source: "{web.url}/b.html", checked: 2026-11-20, strength: primary}}\n'
        "evidence:\n  title: [a]\n  embedding.dimensions: [b]\n"
    )
    (folder / "products" / f"{NAME}.yaml").write_text(text, "utf-8")
    product = load_catalog(folder).products[NAME]
    web.objects["/a.html"] = f"<html><p>{product.title}</p></html>".encode()
    web.objects["/b.html"] = f"<html><p>Vectors of {product.embedding.dimensions} numbers</p></html>".encode()
    return folder


def run(*arguments, **options):
    return CliRunner().invoke(command, [str(a) for a in arguments], **options)


def test_a_check_tells_record_by_record_what_moved_on(tmp_path, web, catalog):
    first = run("check", NAME, "--catalog", catalog)
    assert first.exit_code == 3, first.output
    assert "2 values in 2 sources: 2 not fingerprinted" in first.stdout
    assert "1/2" in first.stderr
    before = (catalog / "products" / f"{NAME}.yaml").read_bytes()
    kept = run("check", NAME, "--catalog", catalog, "--record")
    assert kept.exit_code == 3, kept.output
    text = (catalog / "evidence" / f"{NAME}.yaml").read_text("utf-8")
    assert "Vectors of" not in text
    assert 'words: 4, fields: ["embedding.dimensions"]' in text
    assert (catalog / "products" / f"{NAME}.yaml").read_bytes() == before
    assert run("check", NAME, "--catalog", catalog).exit_code == 0
    web.objects["/b.html"] = b"<html><p>Vectors of 7 numbers</p></html>"
    moved = run("check", NAME, "--catalog", catalog)
    assert moved.exit_code == 1
    assert f"moved on: {NAME}: {web.url}/b.html\n  values: embedding.dimensions\n  since: " in moved.stdout
    assert f"  difference: {web.url}/b.html" in moved.stdout
    results = {c.source: c.outcome for c in read_checks(tmp_path / "state" / "evidence.json")}
    assert results == {f"{web.url}/a.html": "holds", f"{web.url}/b.html": "moved-on"}
    assert run("check", NAME, "--catalog", catalog, "--record").exit_code == 1
    assert "7 numbers" not in (catalog / "evidence" / f"{NAME}.yaml").read_text("utf-8")
    run("check", NAME, "--catalog", catalog, "--record", "--refresh")
    assert run("check", NAME, "--catalog", catalog).exit_code == 0


def test_results_are_printed_as_json_and_those_of_others_stay(tmp_path, catalog):
    out = tmp_path / "e.json"
    result = run("check", NAME, "--catalog", catalog, "--out", out, "--json")
    found = json.loads(result.stdout)
    assert [c["values"] for c in found] == [{"not-fingerprinted": [p]} for p in ("title", "embedding.dimensions")]
    other = next(iter(load_catalog(catalog).spaces))
    run("check", f"spaces/{other}", "--catalog", catalog, "--out", out)
    assert {c.record for c in read_checks(out)} == {NAME, f"spaces/{other}"}


def test_an_interrupted_check_goes_on_where_it_ended(tmp_path, web, catalog, monkeypatch):
    monkeypatch.setattr(checking, "_THREADS", 1)

    real = checking.judge

    def judge(use, *rest):
        if use.source.endswith("b.html"):
            raise KeyboardInterrupt
        return real(use, *rest)

    monkeypatch.setattr(checking, "judge", judge)
    result = run("check", NAME, "--catalog", catalog)
    assert result.exit_code == 130, result.output
    assert "interrupted after 1 of 2 sources: run it again" in result.stderr
    part = tmp_path / "state" / "evidence.json.part"
    part.write_text(part.read_text("utf-8") + '{"record": "cut of', "utf-8")
    monkeypatch.setattr(checking, "judge", real)
    web.log.clear()
    again = run("check", NAME, "--catalog", catalog)
    assert "resuming: 1 of 2 sources" in again.stderr
    assert [path for _, path, _ in web.log] == ["/b.html"]
    assert not part.exists()
    assert len(read_checks(tmp_path / "state" / "evidence.json")) == 2


def test_a_passage_can_be_named_by_hand(web, catalog):
    web.objects["/b.html"] = b"<html><p>The length is two to the tenth. More</p></html>"
    said = run("passage", NAME, "b", "embedding.dimensions", "--catalog", catalog, input="length is two\nto the tenth")
    assert said.exit_code == 0, said.output
    assert "6 words" in said.stdout
    found = json.loads(run("check", NAME, "--catalog", catalog, "--json").stdout)
    assert [c["outcome"] for c in found] == ["not-fingerprinted", "holds"]
    for arguments, message in (
        (("nothing", "b", "title"), "there is no product 'nothing'"),
        ((NAME, "c", "title"), "does not cite c"),
        ((NAME, "b", "title"), "no value of .* at title"),
    ):
        refused = run("passage", *arguments, "--catalog", catalog, input="x")
        assert refused.exit_code == 2
        assert re.search(message, refused.output)
    assert "no words" in run("passage", NAME, "b", "embedding.dimensions", "--catalog", catalog, input="\n").output


def test_a_source_that_is_no_longer_cited_loses_its_fingerprint(web, catalog):
    run("check", NAME, "--catalog", catalog, "--record")
    path = catalog / "products" / f"{NAME}.yaml"
    path.write_text(path.read_text("utf-8").replace("/b.html", "/c.html"), "utf-8")
    lines = CliRunner().invoke(lint.command, [str(catalog)]).stdout.splitlines()
    assert any("fingerprints-point - warning - the record does not cite" in line for line in lines)
    web.objects["/c.html"] = b"<html>"
    run("check", NAME, "--catalog", catalog, "--record")
    assert "/b.html" not in (catalog / "evidence" / f"{NAME}.yaml").read_text("utf-8")


def test_what_cannot_be_checked_is_a_usage_error(tmp_path, catalog):
    for arguments, message in (
        (("nothing",), "there is no product 'nothing'"),
        (("--record", "--refresh"), "--refresh needs"),
        ((NAME, "--refresh"), "--refresh needs"),
    ):
        result = run("check", *arguments, "--catalog", catalog)
        assert (result.exit_code, message in result.output) == (2, True)
    (tmp_path / "thesis.json").write_text("{}")
    result = run("check", NAME, "--catalog", catalog, "--out", tmp_path / "thesis.json")
    assert (result.exit_code, "move it away" in result.output) == (2, True)
    assert (tmp_path / "thesis.json").read_text() == "{}"


def test_a_damaged_fingerprint_is_named(catalog):
    (catalog / "evidence").mkdir()
    (catalog / "evidence" / f"{NAME}.yaml").write_text(f"id: {NAME}\nsources:\n  - source: x\n    read: 2026-01-01\n")
    lines = CliRunner().invoke(lint.command, [str(catalog)]).stdout
    assert f"evidence/{NAME}.yaml:3 - sources.0.passages - missing" in lines
