"""The documentation agrees with the code, and its links work."""

import doctest
import re
import runpy
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from atlas.cli import cli
from atlas.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("schemas/emb/**/*.md"), *ROOT.glob("clients/**/*.md")]
)


def test_the_reference_is_what_the_code_says():
    made = runpy.run_path(str(ROOT / "scripts/make-reference.py"))["reference"]()
    assert (ROOT / "docs/reference.md").read_text("utf-8") == made, "run scripts/make-reference.py"
    assert made.count("\n### `atlas ") >= len(cli.list_commands(click.Context(cli))) >= 10
    assert all(f"`ATLAS_{name.upper()}`" in made for name in Settings.model_fields)


def test_there_are_pages():
    assert {"README.md", "CHANGELOG.md", "architecture.md", "operating.md", "reference.md"} <= {p.name for p in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", target):
            assert (page.parent / target.partition("#")[0]).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_test_that_a_promise_names_exists(page):
    for path, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page.read_text("utf-8")):
        assert (ROOT / path).is_file(), path
        assert not name or f"def {name}(" in (ROOT / path).read_text("utf-8"), f"{path}::{name}"


def test_every_make_target_that_is_documented_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {t for page in PAGES for t in re.findall(r"`?make ([a-z][a-z-]+)`", page.read_text("utf-8"))}
    assert {"up", "test"} <= named
    assert [t for t in sorted(named) if not re.search(rf"^{t}:", makefile, re.MULTILINE)] == []


README = (ROOT / "README.md").read_text("utf-8")
QUESTIONS = re.findall(r"^\.venv/bin/atlas ((?:which|choose|compare|size|recipe|show) .+)$", README, re.MULTILINE)


def test_the_questions_of_the_readme_are_of_five_kinds():
    assert {q.split()[0] for q in QUESTIONS} == {"which", "choose", "compare", "size", "recipe"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_of_the_readme_is_answered(question, tmp_path, monkeypatch):
    monkeypatch.setenv("ATLAS_STATE_DIR", str(tmp_path))
    result = CliRunner().invoke(cli, shlex.split(question))
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) > 1


def test_the_python_session_of_the_readme_prints_what_it_shows():
    (session,) = re.findall(r"^```pycon\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    example = doctest.DocTestParser().get_doctest(session, {}, "README.md", "README.md", 0)
    assert len(example.examples) == 4
    assert doctest.DocTestRunner().run(example).failed == 0


STEPS = re.findall(
    r"^\| \d\. .+? \| `([^`]+)` \| `([^`]+)` \|$", (ROOT / "docs/developing.md").read_text("utf-8"), re.MULTILINE
)


def test_each_example_of_the_page_for_developers_is_found_in_its_file():
    text = (ROOT / "docs/developing.md").read_text("utf-8")
    assert len(STEPS) == len(re.findall(r"^\| \d\. ", text, re.MULTILINE)) > 20
    missing = [(file, example) for file, example in STEPS if example not in (ROOT / file).read_text("utf-8")]
    assert missing == []
