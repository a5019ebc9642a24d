"""Every generated file and the function that renders it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from stac_emb.generate.fields_config import render_fields_config
from stac_emb.generate.invalid import invalid_targets
from stac_emb.generate.models import render_field_models, render_models
from stac_emb.generate.pystac_properties import render_pystac_properties
from stac_emb.generate.readme import render_readme
from stac_emb.generate.schema import render_schema, write_json
from stac_emb.generate.typescript import render_module, render_package, render_types
from stac_emb.identity import FOLDER, SCHEMA_URI
from stac_emb.queryables import queryables
from stac_emb.registry import registry

__all__ = ["targets"]

_ROOT = Path(__file__).resolve().parents[2]


def _formatted(render: Callable[[], str]) -> Callable[[], str]:
    """Python source as `ruff format` writes it with the project's settings."""

    def text() -> str:
        done = subprocess.run(
            [sys.executable, "-m", "ruff", "format", "--stdin-filename", "stac_emb/generated.py", "-"],
            input=render(),
            capture_output=True,
            text=True,
            check=True,
            cwd=_ROOT,
        )
        return done.stdout

    return text


def _relative() -> dict[str, str]:
    """Schema URI to path, from the folder `schemas/emb`."""
    own = {SCHEMA_URI: f"{FOLDER}/schema.json".removeprefix("emb/")}
    vendor = _ROOT / "schemas" / "vendor"
    others = {
        uri: f"../vendor/{entry.path.relative_to(vendor).as_posix()}"
        for uri, entry in registry().items()
        if uri != SCHEMA_URI
    }
    return own | others


def targets() -> dict[str, str]:
    """File, relative to the checkout, to its text."""
    folder = f"schemas/{FOLDER}"
    fixed = {name: render() for name, render in _FIXED.items()}
    broken = invalid_targets(lambda value: write_json(value) + "\n")
    return fixed | {f"{folder}/invalid/{name}": text for name, text in broken.items()}


_FIXED: dict[str, Callable[[], str]] = {
    f"schemas/{FOLDER}/schema.json": render_schema,
    f"schemas/{FOLDER}/queryables.json": lambda: json.dumps(queryables(), indent=2, ensure_ascii=False) + "\n",
    f"schemas/{FOLDER}/fields.config.js": render_fields_config,
    "schemas/emb/README.md": render_readme,
    "schemas/emb/schema-config.json": lambda: write_json({"schemas": _relative()}) + "\n",
    "schemas/emb/stac-node-validator.json": lambda: write_json({"schemaMap": _relative()}) + "\n",
    "schemas/emb/package.json": render_package,
    "schemas/emb/index.js": render_module,
    "schemas/emb/index.d.ts": render_types,
    "stac_emb/models.py": _formatted(render_models),
    "stac_emb/field_models.py": _formatted(render_field_models),
    "stac_emb/pystac_properties.py": _formatted(render_pystac_properties),
}
