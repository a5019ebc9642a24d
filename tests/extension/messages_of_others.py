"""Messages of other validators for the forty broken documents, as the table in the documentation."""

import contextlib
import html
import io
import json
from pathlib import Path

from stac_emb.validate import Validator
from tests.environments import ROOT
from tests.extension.engines import node_engine

TABLE = ROOT / "docs" / "validation-messages.md"
_SHOWN = 110
_HEAD = """# What validators say of forty broken documents

Each document is an example of the extension in which one place was broken. Beside ours stand the messages of
stac-valid {stac_valid} and stac-node-validator {node}, with the same schemas on disk; of several messages the first,
with their number. stac-node-validator gives none where type or version are unknown. A test keeps this page true.

| broken | ours | stac-valid | stac-node-validator |
|---|---|---|---|
"""


def of_stac_valid(documents: dict[str, dict], folder: Path) -> dict[str, str]:
    """The message of stac-valid by document."""
    from stac_validator.stac_validator import StacValidate

    found = {}
    for name, document in documents.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(document))
        run = StacValidate(str(path), schema_config=str(ROOT / "schemas" / "emb" / "schema-config.json"))
        with contextlib.redirect_stdout(io.StringIO()):
            run.run()
        assert run.message[0]["valid_stac"] is False, name
        found[name] = run.message[0]["error_message"]
    return found


def of_node(documents: dict[str, dict]) -> dict[str, list[tuple[str, str]]]:
    """Path and message of every error of stac-node-validator by document."""
    told = node_engine(documents)
    return {name: [(_place(key), str(message)) for key, message in errors.items()] for name, errors in told.items()}


def _place(key: str) -> str:
    """The JSON pointer in the engine's key; a rule of the extension is named instead."""
    return key.removeprefix("core") if key.startswith("core") else key.partition(".json")[2] or f"({key})"


def _cell(text: str) -> str:
    text = " ".join(text.split())
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1].rstrip() + "…"
    return html.escape(shown, quote=False).replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


def table(rows: list[tuple], documents: list[dict], folder: Path) -> str:
    """The page."""
    from importlib.metadata import version

    named = {str(number): document for number, document in enumerate(documents)}
    known = {n: d for n, d in named.items() if rows[int(n)][1] not in {"type", "stac_version", "stac_extensions"}}
    valid, node, validator = of_stac_valid(named, folder), of_node(known), Validator()
    package = json.loads((ROOT / "node_modules" / "stac-node-validator" / "package.json").read_text())
    lines = []
    for number, row in enumerate(rows):
        (ours,) = validator.validate(documents[number])
        errors = node.get(str(number), [])
        theirs = (
            f"{errors[0][0] or '/'}: {errors[0][1]}" + (f" ({len(errors)})" if len(errors) > 1 else "")
            if errors
            else ""
        )
        what = row[1].replace("|", "/") + (
            " left out" if not isinstance(row[2], str | int | list | dict) else f" = {json.dumps(row[2])}"
        )
        said = valid[str(number)].replace(str(folder), "")
        mine = f"{ours.pointer or '/'}: {ours.message}"
        lines.append(f"| {' | '.join(map(_cell, (what, mine, said, theirs)))} |")
    return _HEAD.format(stac_valid=version("stac_valid"), node=package["version"]) + "\n".join(lines) + "\n"


if __name__ == "__main__":
    import tempfile

    from tests.extension.test_messages_compared import BROKEN, broken

    with tempfile.TemporaryDirectory() as name:
        TABLE.write_text(table(BROKEN, [broken(row) for row in BROKEN], Path(name)), encoding="utf-8")
