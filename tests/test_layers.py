"""Data flows one way: no module imports from a layer to its right."""

import ast
from pathlib import Path

import pytest

import atlas

PACKAGE = Path(atlas.__file__).parent
# Left to right as in docs/architecture.md; names on one line are neighbours that do not know each other.
LAYERS = [
    {"__init__", "errors", "resources", "settings"},
    {"extension", "grids"},
    {"fetch"},
    {"formats"},
    {"records"},
    {"answers"},
    {"evidence", "links", "sources"},
    {"stac"},
    {"crawl"},
    {"store"},
    {"read"},
    {"uses"},
    {"operations"},
    {"api", "web"},
    {"remote"},
    {"opening", "tools"},
    {"commands"},
    {"cli"},
]
# `import atlas` offers the catalogue, and imports it when it is first used.
FACADE = ("__init__", "opening")
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}


def imports_of(path: Path) -> set[str]:
    """Top-level parts of `atlas` that a module imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("atlas.")}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "atlas":
                found |= {alias.name if alias.name in RANK else "__init__" for alias in node.names}
            elif node.module and node.module.startswith("atlas."):
                found.add(node.module.split(".")[1])
    return found


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def steps_back(path: Path) -> list[str]:
    part = part_of(path)
    return [
        f"{path.relative_to(PACKAGE)} imports atlas.{name}, which lies to its right"
        for name in sorted(imports_of(path))
        if (part, name) != FACADE
        and (RANK[name] > RANK[part] or (RANK[name] == RANK[part] and name != part and RANK[part] > 0))
    ]


def test_every_part_has_a_layer():
    parts = {part_of(p) for p in PACKAGE.rglob("*.py") if "_data" not in p.parts}
    assert parts <= RANK.keys()


def test_no_import_goes_back():
    modules = [p for p in PACKAGE.rglob("*.py") if "_data" not in p.parts]
    assert len(modules) > 15
    assert [fault for path in modules for fault in steps_back(path)] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [("from atlas.api import create_app", "api"), ("import atlas.web.build", "web"), ("from atlas import cli", "cli")],
)
def test_the_walk_sees_each_form_of_import(tmp_path, source, expected):
    module = tmp_path / "m.py"
    module.write_text(f"def f():\n    {source}\n")
    assert imports_of(module) == {expected}
