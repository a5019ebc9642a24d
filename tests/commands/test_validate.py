"""`atlas validate` on the command line: outcomes, formats, links, and bad input of every kind."""

import gzip
import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from atlas.commands.validate import command
from atlas.resources import data_dir
from stac_emb.inputs import documents
from stac_emb.inputs.strict_json import MAX_DEPTH

EMB = data_dir("schemas") / "emb" / "v0.1.0"
GOOD = EMB / "examples" / "pixel-cog-collection.json"
ITEM = EMB / "examples" / "pixel-npy-scales-item.json"
BAD = EMB / "invalid" / "collection-space.json"


def run(*arguments, stdin=None):
    result = CliRunner().invoke(command, [str(a) for a in arguments], input=stdin, catch_exceptions=False)
    return result.exit_code, result.output


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def item(number=0, **properties):
    document = json.loads(ITEM.read_text())
    document["id"] = f"tile-{number}"
    document["properties"] |= properties
    return document


def test_one_line_per_fault_and_a_summary():
    code, output = run(GOOD, BAD)
    assert code == 1
    line, summary = output.splitlines()
    parts = line.split(" - ")
    assert parts[0] == str(BAD)
    assert parts[1:4] == ["aef-v1-annual", "/", "emb/collection-space"]
    assert "`emb:absent`" in parts[4]
    assert parts[5].endswith("#emb-space")
    assert summary == "2 checked, 1 valid, 1 invalid"


def test_help_names_the_exit_codes():
    code, output = run("--help")
    assert code == 0
    assert "Exit code 0" in output


def test_json_report():
    code, output = run("--format", "json", GOOD, BAD)
    report = json.loads(output)
    assert code == 1
    assert (report["checked"], report["valid"], report["invalid"]) == (2, 1, 1)
    (error,) = report["errors"]
    assert set(error) == {"file", "id", "pointer", "rule", "message", "see"}
    assert error["file"] == str(BAD)


def test_github_annotations_escape_what_a_document_says(tmp_path):
    broken = json.loads(GOOD.read_text()) | {"id": "a\nb::error::x%", "emb:dimensions": 0}
    code, output = run("--format", "github", write(tmp_path, "a,b.json", broken))
    lines = [line for line in output.splitlines() if line.startswith("::error")]
    assert code == 1
    assert len(lines) == 1
    assert "a%0Ab" in lines[0]
    assert "a%2Cb.json" in lines[0]


def test_sarif_report():
    code, output = run("--format", "sarif", GOOD, BAD)
    log = json.loads(output)
    (run_,) = log["runs"]
    assert code == 1
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run_["tool"]["driver"]["rules"]] == ["emb/collection-space"]
    (result,) = run_["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == str(BAD)


def test_annotations_and_sarif_name_the_line(tmp_path):
    broken = json.loads(GOOD.read_text()) | {"emb:dimensions": 0, "license": 5}
    del broken["emb:space"]
    path = tmp_path / "c.json"
    path.write_text(json.dumps(broken, indent=1))
    at = {
        name: n
        for n, line in enumerate(path.read_text().splitlines(), 1)
        for name in broken
        if line.startswith(f' "{name}":')
    }
    _, output = run("--format", "github", path)
    places = [line.split(",")[1] for line in output.splitlines() if line.startswith("::error")]
    # What is missing is told where the object that lacks it begins.
    assert sorted(places) == sorted([f"line={at['emb:dimensions']}", f"line={at['license']}", "line=1"])
    results = json.loads(run("--format", "sarif", path)[1])["runs"][0]["results"]
    regions = {r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in results}
    assert regions == {at["emb:dimensions"], at["license"], 1}
    path.write_text("\n" + json.dumps(broken, indent=1))
    assert f"line={at['license'] + 1}," in run("--format", "github", path)[1]


def test_annotations_name_the_line_of_ndjson_and_of_a_member(tmp_path):
    bad = item(2, **{"emb:dimensions": 0})
    lines = write(tmp_path, "i.ndjson", "\n".join(map(json.dumps, [item(1), bad])).encode())
    assert f"file={lines},line=2," in run("--format", "github", lines)[1]
    page = tmp_path / "page.json"
    page.write_text(json.dumps({"type": "FeatureCollection", "features": [item(1), bad]}, indent=1))
    line = 1 + max(n for n, text in enumerate(page.read_text().splitlines()) if '"emb:dimensions"' in text)
    assert f"file={page},line={line}," in run("--format", "github", page)[1]
    _, output = run("--format", "github", "-", stdin=json.dumps(bad))
    assert "file=-,title=" in output


def test_text_does_not_let_a_document_steer_the_terminal(tmp_path):
    broken = json.loads(GOOD.read_text()) | {"id": "x\u001b[2J\u202e", "emb:dimensions": 0}
    _, output = run(write(tmp_path, "x.json", broken))
    assert "\u001b" not in output
    assert "\u202e" not in output
    assert "\\u001b" in output


BAD_BYTES = {
    "empty": (b"", "the document is empty"),
    "blank": (b" \n", "the document is empty"),
    "cut off": (b'{"type": "Feature"', "not JSON: Expecting"),
    "not JSON": (b"{html}", "not JSON"),
    "NaN": (b'{"type": "Feature", "gsd": NaN}', "line 1: NaN is not a JSON number"),
    "infinity": (b'{"gsd": -Infinity}', "line 1: -Infinity is not a JSON number"),
    "too large a number": (b'{"gsd": 1e999}', "too large"),
    "endless integer": (b'{"gsd": ' + b"9" * 5000 + b"}", "99... does not fit into 64 bits"),
    "same name twice": (b'{"id": "a", "id": "b"}', 'the name "id" occurs twice in one object'),
    "UTF-16": ('{"id": "a"}'.encode("utf-16"), "UTF-16"),
    "Latin-1": ('{"id": "\u00e9"}'.encode("latin-1"), "not UTF-8: byte 8 is 0xe9"),
    "byte-order mark": (b"\xef\xbb\xbf{}", "byte-order mark"),
    "a large integer": (b'{"a": "99999999999999999999",\n "gsd": 99999999999999999999}', "line 2: the number 999999"),
    "gzip": (gzip.compress(b"{}"), "compressed with gzip"),
    "an error page": (b"<!DOCTYPE html><title>404</title>", "HTML or XML"),
    "Parquet": (b"PAR1....PAR1", "this is Parquet"),
    "half a character": (b'{"id": "\\ud800"}', "half of a character"),
    "nested deeply": (b"[" * 5000 + b"]" * 5000, f"nests deeper than {MAX_DEPTH}"),
    "nested too deeply for Python": (b"[" * 200_000 + b"]" * 200_000, f"nests deeper than {MAX_DEPTH}"),
}


# A line end makes two lines of it in ndjson.
BAD_LINES = [kind for kind, (data, _) in BAD_BYTES.items() if b"\n" not in data]


@pytest.mark.parametrize(
    ("kind", "name"), [*((k, n) for k in BAD_BYTES for n in ("x.json", "-")), *((k, "x.ndjson") for k in BAD_LINES)]
)
def test_unreadable_input_is_told_and_the_rest_goes_on(tmp_path, kind, name):
    data, message = BAD_BYTES[kind]
    if name == "-":
        code, output = run("-", GOOD, stdin=data)
    else:
        code, output = run(write(tmp_path, name, data), GOOD)
    assert code == 2
    assert message in output
    assert "Traceback" not in output
    assert "1 checked, 1 valid, 0 invalid, 1 could not be read" in output


NOT_STAC = {
    "a list": ([], "an array"),
    "a text": ("x", "a string"),
    "null": (None, "this is null"),
    "no type": ({"id": "x"}, "`type` is missing: give Feature"),
    "a strange type": ({"type": {"a": []}}, '`type` is {"a": []}: give Feature'),
    "no version": ({"type": "Feature"}, "`stac_version` is missing"),
    "an old version": ({"type": "Feature", "stac_version": "0.9.0"}, 'supported are "1.0.0" and "1.1.0"'),
    "a version that is not text": ({"type": "Feature", "stac_version": [1]}, "supported are"),
    "strange extensions": (
        {"type": "Feature", "stac_version": "1.1.0", "stac_extensions": {"a": 1}},
        "list of schema URIs",
    ),
    "only a type": ({"type": "Collection", "stac_version": "1.1.0", "stac_extensions": []}, "`id` is missing"),
}


@pytest.mark.parametrize("kind", NOT_STAC)
def test_json_that_is_not_stac(tmp_path, kind):
    value, message = NOT_STAC[kind]
    code, output = run(write(tmp_path, "x.json", value))
    assert code == 1
    assert message in output


def test_strange_types_everywhere_give_faults_and_no_traceback(tmp_path):
    collection, feature = json.loads(GOOD.read_text()), json.loads(ITEM.read_text())
    names = ("extent", "links", "assets", "item_assets", "summaries", "emb:quantization", "id", "emb:absent")
    of_items = ("properties", "geometry", "bbox", "assets", "id", "collection", "links")
    strange = [
        document | {name: value}
        for value in (None, 1, "x", [], {}, [[]], True)
        for document, fields in ((collection, names), (feature, of_items))
        for name in fields
    ]
    lines = "\n".join(map(json.dumps, strange)).encode()
    code, output = run("--format", "json", write(tmp_path, "strange.ndjson", lines))
    assert (code, len(strange)) == (1, 105)
    assert json.loads(output)["checked"] == 105


def test_too_large_a_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MAX_BYTES", 1000)
    code, output = run(GOOD)
    assert code == 2
    assert "ndjson or stac-geoparquet" in output


def test_special_files_are_not_read():
    code, output = run("/dev/zero")
    assert code == 2
    assert "not a regular file" in output


def test_missing_names_and_empty_folders(tmp_path):
    code, output = run(tmp_path / "no.json", tmp_path / "*.json", tmp_path)
    assert code == 2
    assert "no such file or folder" in output
    assert "no file matches the pattern" in output
    assert "the folder holds no" in output
    assert "nothing was checked, which is an error" in output


def test_nothing_to_check_is_no_fault_where_other_files_are_passed_over(tmp_path):
    file = write(tmp_path, "package.json", {"name": "x"})
    code, output = run("--passing-over", file)
    assert (code, "1 passed over (no STAC object), nothing was checked\n" in output) == (0, True)
    code, output = run(file)
    assert code == 1


def test_folder_passes_over_other_json_and_counts_it(tmp_path):
    write(tmp_path, "package.json", {"name": "x"})
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep", "c.json", json.loads(GOOD.read_text()))
    code, output = run(tmp_path)
    assert code == 0
    assert "1 checked, 1 valid, 0 invalid, 1 passed over" in output


def test_glob_and_item_collection(tmp_path):
    write(tmp_path, "a.json", {"type": "FeatureCollection", "features": [item(1), item(2, **{"emb:dimensions": 0})]})
    code, output = run(tmp_path / "*.json")
    assert code == 1
    assert "a.json:features/1 - tile-2 - /properties/emb:dimensions - emb/minimum" in output
    assert "2 checked, 1 valid, 1 invalid" in output


def test_a_list_of_collections_is_checked_one_by_one(tmp_path):
    bad = json.loads(BAD.read_text())
    write(tmp_path, "collections.json", {"collections": [json.loads(GOOD.read_text()), bad], "links": []})
    code, output = run(tmp_path)
    assert code == 1
    assert "collections.json:collections/1 - aef-v1-annual - / - emb/collection-space" in output
    assert "2 checked, 1 valid, 1 invalid" in output


def test_several_documents_in_one_file(tmp_path):
    lines = "\n".join(json.dumps(item(n)) for n in range(2)).encode()
    code, output = run(write(tmp_path, "x.json", lines))
    assert code == 2
    assert "a second document begins at line 2: one document per file, or one per line in a .ndjson file" in output
    assert run(write(tmp_path, "x.ndjson", lines)) == (0, "2 checked, 2 valid, 0 invalid\n")
    assert run("-", stdin=lines) == (0, "2 checked, 2 valid, 0 invalid\n")
    code, output = run(write(tmp_path, "y.ndjson", json.dumps(item(1), indent=1).encode()))
    assert code == 2
    assert "y.ndjson - - - / - unreadable - one document over several lines" in output
    assert len(output.splitlines()) == 2


def test_every_missing_field_is_told(tmp_path):
    _, output = run(write(tmp_path, "x.json", {"type": "Collection", "stac_version": "1.1.0"}))
    told = [line.split(" - ")[4] for line in output.splitlines()[:-1]]
    assert [line.partition(": ")[0] for line in told] == [
        f"`{name}` is missing" for name in ("id", "description", "license", "extent", "links")
    ]


def test_ndjson_names_the_line(tmp_path):
    lines = [json.dumps(item(1)), "", "{broken", json.dumps(item(2, **{"emb:dimensions": 0}))]
    code, output = run(write(tmp_path, "items.ndjson", "\n".join(lines).encode()))
    assert code == 2
    assert "items.ndjson:3 - " in output
    assert "items.ndjson:4 - tile-2" in output
    assert "2 checked, 1 valid, 1 invalid, 1 could not be read" in output


def test_items_in_another_space_than_their_collection(tmp_path):
    collection = json.loads((EMB / "examples" / "pixel-npy-scales-collection.json").read_text())
    write(tmp_path, "c.json", collection)
    write(tmp_path, "i.json", item(7, **{"emb:space": "tessera-v1.1"}))
    code, output = run(tmp_path)
    assert code == 1
    assert "tile-7 - /properties/emb:space - semantic/space-of-collection" in output
    assert "`tessera-v1.1`, its own is `tessera-v1`" in output


def test_draft_documents_are_checked_against_the_draft_with_a_hint():
    folder = Path(__file__).parents[1] / "extension" / "data" / "draft"
    code, output = run(folder)
    assert code == 0
    assert "2 checked, 2 valid" in output
    assert "`stac-emb convert --to emb FILE` lifts it" in output


def test_copies_in_several_files_are_none_and_repeats_in_one_are(tmp_path):
    item_of = {**item(1), "collection": "c", "links": [{"rel": "collection", "href": "./c.json"}]}
    line = json.dumps(item_of)
    one = write(tmp_path, "one.ndjson", f"{line}\n{line}\n".encode())
    code, output = run(one)
    assert (code, output.count("duplicate-id")) == (1, 1)
    two = write(tmp_path, "two.json", json.dumps(dict(reversed(item_of.items())), indent=2).encode())
    alone = write(tmp_path, "three.ndjson", f"{line}\n".encode())
    assert run(alone, two)[0] == 0


def test_a_file_whose_size_the_system_does_not_tell_is_read_whole(monkeypatch):
    monkeypatch.setattr("stac_emb.inputs.sources.os.fstat", lambda _: os.stat_result([stat.S_IFREG, *[0] * 9]))
    assert run(GOOD)[1].endswith("1 checked, 1 valid, 0 invalid\n")


@pytest.mark.parametrize("link", ["file", "folder"])
def test_a_file_is_validated_once_however_it_is_reached(tmp_path, link):
    (tmp_path / "real").mkdir()
    path = write(tmp_path / "real", "a.json", item())
    if link == "file":
        other = tmp_path / "link.json"
        other.symlink_to(path)
    else:
        (tmp_path / "link").symlink_to(tmp_path / "real")
        other = tmp_path / "link" / "a.json"
    assert run(path, other)[1].endswith("1 checked, 1 valid, 0 invalid\n")
    assert run(other, path.parent / ".." / "real" / "a.json")[1].endswith("1 checked, 1 valid, 0 invalid\n")
