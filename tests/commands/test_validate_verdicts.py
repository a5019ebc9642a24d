"""`atlas validate`: unchecked extensions, advice, repeated objects, and objects without a type."""

import json

from stac_emb.duplicate_ids import Identities, identity
from tests.commands.test_validate import GOOD, item, run, write

UNKNOWN = "https://example.com/x/v1.0.0/schema.json"


def with_unknown_extension(path, **changes):
    document = json.loads(path.read_text()) | changes
    document["stac_extensions"].append(UNKNOWN)
    return document


def test_an_unknown_extension_is_a_verdict_of_its_own(tmp_path):
    path = write(tmp_path, "x.json", with_unknown_extension(GOOD))
    code, output = run(GOOD, path)
    assert code == 0
    line, summary = output.splitlines()
    assert f"/stac_extensions/2 - unknown-schema - not checked: the schema of {UNKNOWN} is not bundled" in line
    assert line.endswith(f" - {UNKNOWN}")
    assert summary == ("2 checked, 1 valid, 0 invalid, 1 without a fault but with an extension that is not checked")
    assert run("--strict", GOOD, path)[0] == 1


def test_an_unknown_extension_hides_nothing_else(tmp_path):
    changes = {"emb:dimensions": 0, "license": 5, "id": ".."}
    code, output = run(write(tmp_path, "x.json", with_unknown_extension(GOOD, **changes)))
    assert code == 1
    for told in ("unknown-schema", "emb/minimum", "licensing/type", "semantic/id"):
        assert f" - {told} - " in output
    assert output.endswith("1 checked, 0 valid, 1 invalid\n")


def test_every_format_shows_what_is_not_checked_once(tmp_path):
    paths = [write(tmp_path, f"{n}.json", with_unknown_extension(GOOD, id=f"c{n}")) for n in range(3)]
    code, output = run("--format", "json", *paths)
    report = json.loads(output)
    assert (code, report["valid"], report["invalid"], report["not_checked"]) == (0, 0, 0, 3)
    assert report["errors"] == []
    (entry,) = report["extensions_not_checked"]
    assert (entry["extension"], entry["objects"], entry["file"]) == (UNKNOWN, 3, str(paths[0]))
    (result,) = json.loads(run("--format", "sarif", *paths)[1])["runs"][0]["results"]
    assert (result["level"], result["ruleId"]) == ("note", "unknown-schema")
    _, output = run("--format", "github", *paths)
    assert [line.split(" ")[0] for line in output.splitlines() if line.startswith("::")] == ["::notice"]


def test_every_format_shows_advice(tmp_path):
    wide = item() | {"bbox": [0.098, 52.0, 0.2, 52.1]}
    path = write(tmp_path, "i.json", wide)
    code, output = run(path)
    assert code == 0
    assert "/bbox - semantic/bbox-geometry - advice: longitudes 0.098 to 0.2 are wider" in output
    assert output.endswith("1 checked, 1 valid, 0 invalid, 1 piece of advice\n")
    assert run("--strict", path)[0] == 1
    report = json.loads(run("--format", "json", path)[1])
    assert (report["errors"], [told["rule"] for told in report["advice"]]) == ([], ["semantic/bbox-geometry"])
    (result,) = json.loads(run("--format", "sarif", path)[1])["runs"][0]["results"]
    assert result["level"] == "warning"
    assert "::warning " in run("--format", "github", path)[1]


def test_advice_that_many_objects_get_is_one_line_for_people(tmp_path):
    wide = [item(n) | {"bbox": [0.098, 52.0, 0.2, 52.1]} for n in range(3)]
    paths = [write(tmp_path, f"{n}.json", document) for n, document in enumerate(wide)]
    (told,) = [line for line in run("--jobs", "1", *paths)[1].splitlines() if "advice:" in line]
    assert told.startswith(f"{paths[0]} - ")
    assert "(of 3 objects, this is the first)" in told
    assert len(json.loads(run("--format", "json", *paths)[1])["advice"]) == 3
    assert run("--format", "github", *paths)[1].count("::warning ") == 3


def test_two_equal_ids_are_named(tmp_path):
    lines = [item(1), item(2), item(1), item(1, **{"emb:dimensions": 0})]
    path = write(tmp_path, "i.ndjson", "\n".join(map(json.dumps, lines)).encode())
    code, output = run(path)
    assert code == 1
    assert f"{path}:3 - tile-1 - /id - duplicate-id - `tile-1` is also the id of {path}:1" in output
    assert f"{path}:4 - tile-1 - /id - duplicate-id - `tile-1` is also the id of {path}:1" in output
    assert output.endswith("4 checked, 2 valid, 2 invalid\n")
    page = write(tmp_path, "page.json", {"type": "FeatureCollection", "features": [item(1), item(1)]})
    assert f"{page}:features/1 - tile-1 - /id - duplicate-id" in run(page)[1]


def test_two_equal_ids_in_a_folder(tmp_path):
    first = write(tmp_path, "a.json", item(1))
    write(tmp_path, "copy.json", item(1))
    write(tmp_path, "written-otherwise.json", json.dumps(item(1), sort_keys=True, indent=2).encode())
    write(tmp_path, "line.ndjson", json.dumps(item(1)).encode())
    write(tmp_path, "other-collection.json", item(1) | {"collection": "other"})
    assert "duplicate-id" not in run(tmp_path)[1], "a copy, and an Item of another Collection"
    other = write(tmp_path, "other.json", item(1, title="another"))
    assert f"{other} - tile-1 - /id - duplicate-id - `tile-1` is also the id of {first}" in run(tmp_path)[1]


def test_a_copy_that_is_gone_is_none(tmp_path):
    paths = [write(tmp_path, name, item(1)) for name in ("a.json", "b.json")]
    of, identities = identity(str(paths[0]), item(1)), Identities()
    assert [identities.see(str(path), of) for path in paths] == [None, None]
    paths[0].unlink()
    assert identities.see(str(paths[1]), of).rule == "duplicate-id"


def test_what_is_meant_as_stac_is_not_passed_over_in_a_folder(tmp_path):
    for name, document in {
        "no-type": {k: v for k, v in json.loads(GOOD.read_text()).items() if k != "type"},
        "item": {k: v for k, v in item().items() if k not in ("type", "stac_version", "stac_extensions")},
        "wrong-type": item() | {"type": "Item"},
    }.items():
        code, output = run(write(tmp_path, f"{name}.json", document).parent)
        assert code == 1
        assert " - /type - stac/type - `type` is " in output
        (tmp_path / f"{name}.json").unlink()
    write(tmp_path, "list.json", [item()])
    assert "stac/not-an-object" in run(tmp_path)[1]
    (tmp_path / "list.json").unlink()
    write(tmp_path, "package.json", {"name": "x", "id": 1, "links": []})
    write(tmp_path, "empty.json", [])
    assert "2 passed over" in run(tmp_path)[1]


def test_an_id_that_is_no_text_is_not_called_none(tmp_path):
    path = write(tmp_path, "x.json", {k: v for k, v in with_unknown_extension(GOOD).items() if k != "id"})
    assert "None" not in run(path)[1]
    assert f"{path} - - - /" in run(path)[1]
