"""`atlas validate --select, --ignore, --strict`, the same in pyproject.toml, and in the API's Transaction extension."""

import json
import subprocess
import sys

import pytest

from atlas.api import transactions
from atlas.api.errors import BadRequestError
from stac_emb.errors import EmbError
from stac_emb.rule_list import known_names, rule_list
from stac_emb.selection import Selection, SelectionError, check_names
from stac_emb.semantics import SEMANTIC_RULES
from stac_emb.validate import Validator
from tests.commands.test_validate import BAD, GOOD, item, run, write


@pytest.mark.parametrize(
    ("select", "ignore", "rule", "kept"),
    [
        ((), (), "semantic/id", True),
        (("semantic",), (), "semantic/id", True),
        (("semantic",), (), "item/required", False),
        ((), ("semantic",), "semantic/id", False),
        ((), ("semantic/id",), "semantic/interval", True),
        ((), ("sem",), "semantic/id", True),
        (("semantic/id",), ("semantic",), "semantic/id", True),
        (("semantic/id",), ("semantic",), "semantic/interval", False),
        (("semantic",), ("semantic/id",), "semantic/id", False),
        (("semantic/id",), ("semantic/id",), "semantic/id", False),
        (("all", "semantic/id"), ("semantic",), "item/type", True),
        ((), ("all",), "item/type", False),
    ],
)
def test_the_longer_name_decides(select, ignore, rule, kept):
    assert Selection(select, ignore).keeps(rule) is kept


def test_a_name_that_stands_for_nothing_is_refused():
    known = known_names()
    fine = ["all", "semantic", "semantic/id", "projection", "projection/minItems", "emb/collection-space", "emb/type"]
    assert check_names(fine, known) == tuple(fine)
    for name, meant in (("semantic/bbox", "semantic/"), ("projektion", "projection"), ("", None)):
        with pytest.raises(SelectionError, match="is neither a rule nor a group of rules") as told:
            check_names([name], known)
        assert meant is None or f"did you mean `{meant}" in str(told.value)


def broken(tmp_path):
    """An Item with two faults and one piece of advice."""
    document = item(**{"emb:dimensions": 0}) | {"id": "..", "bbox": [0.098, 52.0, 0.2, 52.1]}
    return write(tmp_path, "i.json", document)


def rules_of(output):
    return [line.split(" - ")[3] for line in output.splitlines()[:-1]]


def test_rules_are_chosen_on_the_command_line(tmp_path):
    path = broken(tmp_path)
    code, output = run(path)
    assert (code, sorted(rules_of(output))) == (1, ["emb/minimum", "semantic/bbox-geometry", "semantic/id"])
    code, output = run("--ignore", "emb,semantic/id", path)
    assert (code, rules_of(output)) == (0, ["semantic/bbox-geometry"])
    assert run("--ignore", "emb,semantic/id", "--strict", path)[0] == 1
    code, output = run("--select", "semantic", "--ignore", "semantic/bbox-geometry", "--format", "json", path)
    assert (code, [row["rule"] for row in json.loads(output)["errors"]]) == (1, ["semantic/id"])
    assert run("--ignore", "semantic,emb", "--strict", path)[0] == 0


def test_what_only_several_documents_show_can_be_ignored(tmp_path):
    path = write(tmp_path, "i.ndjson", b"\n".join(json.dumps(item(n // 2)).encode() for n in range(2)))
    assert run(path)[0] == 1
    code, output = run("--ignore", "duplicate-id", path)
    assert (code, output) == (0, "2 checked, 2 valid, 0 invalid\n")


def test_pyproject_chooses_too_and_the_command_line_comes_first(tmp_path, monkeypatch):
    path = broken(tmp_path)
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    (tmp_path / "pyproject.toml").write_text('[tool.stac-emb]\nignore = ["emb", "semantic/id"]\n')
    code, output = run(path)
    assert (code, rules_of(output)) == (0, ["semantic/bbox-geometry"])
    assert run("--ignore", "emb", path)[0] == 1
    (tmp_path / "pyproject.toml").write_text('[tool.stac-emb]\nignore = ["emb", "semantic/id"]\nstrict = true\n')
    assert run(path)[0] == 1
    assert run("--no-strict", path)[0] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ignore = 'emb'", "`ignore` must be a list of names, not 'emb'"),
        ("strict = 1", "`strict` must be true or false, not 1"),
        ("exclude = []", "has no `exclude`"),
        ("ignore = [", "pyproject.toml: "),
        ("ignore = ['nothing']", "`nothing` is neither a rule"),
    ],
)
def test_a_wrong_table_is_named(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(f"[tool.stac-emb]\n{text}\n")
    with pytest.raises(EmbError) as told:
        run(GOOD)
    assert message in str(told.value)
    assert told.value.exit_code == 2


def test_is_valid_follows_the_selection():
    document = item() | {"id": ".."}
    assert not Validator().is_valid(document)
    assert Validator(rules=Selection(ignore=("semantic/id",))).is_valid(document)


def test_every_rule_that_is_told_is_listed():
    names = [row.name for row in rule_list()]
    assert len(names) == len(set(names))
    assert {f"semantic/{name}" for name in SEMANTIC_RULES} <= set(names)
    code, output = run("--rules")
    assert code == 0
    assert [line.split(" - ")[0] for line in output.splitlines()][: len(names)] == names


def test_the_light_command_says_the_same():
    for arguments in ((str(BAD),), ("--rules",), ("--ignore", "emb/collection-space", str(BAD))):
        done = subprocess.run(
            [sys.executable, "-m", "stac_emb", "validate", *arguments], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == run(*arguments)


@pytest.mark.parametrize(
    ("setting", "east", "taken"),
    [
        ({}, 0.15, False),
        ({"IGNORE": "semantic/bbox-geometry"}, 0.15, True),
        ({"SELECT": "emb"}, 0.15, True),
        ({}, 0.3, True),
        ({"STRICT": "true"}, 0.3, False),
    ],
)
def test_the_api_takes_what_its_rules_allow(monkeypatch, setting, east, taken):
    document = item()
    document["bbox"][2] = east
    for name, value in setting.items():
        monkeypatch.setenv(f"ATLAS_WRITE_{name}", value)
    transactions._validator.cache_clear()
    try:
        if taken:
            transactions._check(document)
        else:
            with pytest.raises(BadRequestError, match=r"/bbox: longitudes .* \[semantic/bbox-geometry\]"):
                transactions._check(document)
    finally:
        transactions._validator.cache_clear()
