"""Imports follow the layers of docs/architecture.md."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import atlas
import stac_emb

PACKAGE = Path(atlas.__file__).parent
DRAWING = (PACKAGE.parent / "docs" / "architecture.md").read_text("utf-8").split("```")[1]


def layers() -> list[set[str]]:
    """The drawing: what an arrow leads to is a layer of its own, names between commas are neighbours."""
    found = [set(re.findall(r"\w+", part)) for part in re.sub(r"\(.*?\)", "", DRAWING).replace("─>", "\n").splitlines()]
    return [{"__init__"} | found[1], *filter(None, found[2:])]


LAYERS = layers()
# What `import atlas` offers is imported when it is first used.
FACADE = {("__init__", "answers"), ("__init__", "read"), ("__init__", "opening")}
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}


@cache
def statements(path: Path) -> tuple[tuple[ast.Import | ast.ImportFrom, bool], ...]:
    """The imports of a module, also inside functions, each with whether it is for types only; read once."""
    found: list[tuple[ast.Import | ast.ImportFrom, bool]] = []
    waiting: list[tuple[ast.AST, bool]] = [(ast.parse(path.read_text("utf-8")), False)]
    while waiting:
        node, typing = waiting.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.append((node, typing))
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting += [*((one, True) for one in node.body), *((one, typing) for one in node.orelse)]
        elif not isinstance(node, ast.expr):  # none holds a statement
            waiting += ((one, typing) for one in ast.iter_child_nodes(node))
    return tuple(found)


def imports_of(path: Path) -> set[str]:
    """Top-level packages of `atlas` that a module imports, also inside functions."""
    found = set()
    for node, _ in statements(path):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("atlas.")}
        else:
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
        if (part, name) not in FACADE
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


def modules() -> dict[str, Path]:
    """Dotted name to file of `atlas` and of `stac_emb`, packages by the name of their folder."""
    found = {}
    for package in (PACKAGE, Path(stac_emb.__file__).parent):
        for path in package.rglob("*.py"):
            if "_data" not in path.parts:
                parts = path.relative_to(package.parent).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path: Path, known: dict[str, Path]) -> set[str]:
    """Modules of the packages imported at import time or later, without those for types only."""
    found = set()
    for node, typing in statements(path):
        if typing:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & known.keys()


def circle(known: dict[str, Path]) -> list[str]:
    """A cycle of imports, empty where there is none; a package may import its own modules."""
    arrows = {
        name: {other for other in imported(path, known) if not name.startswith(f"{other}.") and other != name}
        for name, path in known.items()
    }
    clear: set[str] = set()

    def follow(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in clear:
            return []
        for other in sorted(arrows[name]):
            if found := follow(other, [*way, name]):
                return found
        clear.add(name)
        return []

    return next((found for name in sorted(arrows) if (found := follow(name, []))), [])


def test_no_modules_import_each_other_in_a_circle(tmp_path):
    assert circle(modules()) == []
    for name, text in (("a", "import atlas.b"), ("b", "def f():\n    from atlas import a"), ("c", "import atlas.a")):
        (tmp_path / f"{name}.py").write_text(text)
    assert circle({f"atlas.{n}": tmp_path / f"{n}.py" for n in "abc"}) == ["atlas.a", "atlas.b", "atlas.a"]


OF_A_CRAWL = re.compile(
    r"(^|/)((collection|manifest|report|drift|parts|inputs)\.json|(report|drift)\.txt|\.lock)$"
    r"|^(set-aside|damaged)/?$|^items/|~vanished"
)
NAMESAKES = {
    "stac/catalog.py": {"collection.json"},  # files of a static catalogue
    "stac/items.py": {"collection.json"},
    "web/downloads.py": {"collection.json"},
    "web/pages/data.py": {"inputs.json"},  # a file of the site
    "store/backup.py": {".lock"},  # of a folder of backups, and of a cluster
    "store/cluster/data.py": {".lock"},
    "crawl/report.py": {"damaged"},  # a key of a report
}


def names_of_crawl_files(path: Path) -> set[str]:
    """Names of files and folders of a crawl in the texts of a module, without its docstrings."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    told = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in told}
    below = {n.right.value for n in nodes if isinstance(n, ast.BinOp) and isinstance(n.right, ast.Constant)}
    found = (match[0] for text in texts if (match := OF_A_CRAWL.search(text)))
    return {name.strip("/") for name in found} | below & {"items", "state"}


def test_one_module_names_the_files_of_a_crawl(tmp_path):
    written = [p for p in PACKAGE.rglob("*.py") if "_data" not in p.parts]
    found = {p.relative_to(PACKAGE).as_posix(): names for p in written if (names := names_of_crawl_files(p))}
    assert len(found.pop("formats/crawl_folder.py")) > 10
    assert found == NAMESAKES
    module = tmp_path / "m.py"
    module.write_text("'report.json'\ndef f(x):\n    return x / 'items', f'{x}/report.json', 'reports.json'\n")
    assert names_of_crawl_files(module) == {"items", "report.json"}


def test_the_extension_knows_nothing_of_the_atlas():
    known = modules()
    below = {name: path for name, path in known.items() if name.partition(".")[0] == "stac_emb"}
    assert len(below) > 50
    assert {n: up for n, p in below.items() if (up := [m for m in imported(p, known) if m.startswith("atlas")])} == {}


def test_no_module_is_too_long_to_be_read():
    generated = "Generated from the field table"
    long = {
        name: len(text.splitlines())
        for name, path in modules().items()
        if generated not in (text := path.read_text("utf-8"))[:400] and len(text.splitlines()) > 400
    }
    assert long == {}


def test_the_drawing_is_read_as_it_is_meant():
    assert {"fetch"} in LAYERS
    assert {"api", "web"} in LAYERS
    assert [name for layer in LAYERS for name in layer if name not in {part_of(p) for p in PACKAGE.rglob("*.py")}] == []
