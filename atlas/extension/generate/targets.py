"""Every generated file and the function that renders it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from atlas.extension.generate.models import render_models
from atlas.extension.generate.schema import render_schema
from atlas.extension.queryables import queryables

__all__ = ["TARGETS"]

_ROOT = Path(__file__).resolve().parents[3]


def _formatted(render: Callable[[], str]) -> Callable[[], str]:
    """Python source as `ruff format` writes it with the project's settings."""

    def text() -> str:
        done = subprocess.run(
            [sys.executable, "-m", "ruff", "format", "--stdin-filename", "atlas/extension/generated.py", "-"],
            input=render(),
            capture_output=True,
            text=True,
            check=True,
            cwd=_ROOT,
        )
        return done.stdout

    return text


TARGETS: dict[str, Callable[[], str]] = {
    "schemas/emb/v1.0.0/schema.json": render_schema,
    "schemas/emb/v1.0.0/queryables.json": lambda: json.dumps(queryables(), indent=2, ensure_ascii=False) + "\n",
    "atlas/extension/models.py": _formatted(render_models),
}
