"""The documentation says what the code does, and its links lead somewhere."""

import re
import runpy
from pathlib import Path

import click
import pytest

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


def test_every_make_target_that_is_documented_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {t for page in PAGES for t in re.findall(r"`?make ([a-z][a-z-]+)`", page.read_text("utf-8"))}
    assert {"up", "test"} <= named
    assert [t for t in sorted(named) if not re.search(rf"^{t}:", makefile, re.MULTILINE)] == []
