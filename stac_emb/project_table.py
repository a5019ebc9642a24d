"""The table `[tool.stac-emb]` of the nearest `pyproject.toml`: which rules a project wants reported."""

from dataclasses import dataclass
from pathlib import Path

from stac_emb.errors import EmbError
from stac_emb.identity import PACKAGE

__all__ = ["ProjectTable", "project_table"]

_LISTS = ("select", "ignore")


class ProjectTableError(EmbError):
    """The table is invalid."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class ProjectTable:
    """The values of the table; None where it has none."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    strict: bool | None = None


def project_table(start: Path) -> ProjectTable:
    """The table that applies to a folder: that of the first `pyproject.toml` in it or above it.

    Raises:
        ProjectTableError: the file cannot be read, or the table holds anything but `select`, `ignore`, `strict`.
    """
    here = start.resolve()
    path = next((p for p in (folder / "pyproject.toml" for folder in (here, *here.parents)) if p.is_file()), None)
    if path is None:
        return ProjectTable()
    import tomllib  # most folders have no such file

    try:
        table = tomllib.loads(path.read_text("utf-8")).get("tool", {}).get(PACKAGE, {})
    except (OSError, ValueError, AttributeError) as error:
        raise ProjectTableError(f"{path}: {error}") from None
    where = f"{path}: [tool.{PACKAGE}]"
    if not isinstance(table, dict):
        raise ProjectTableError(f"{where} is not a table")
    for name, value in table.items():
        if name not in (*_LISTS, "strict"):
            raise ProjectTableError(f"{where} has no `{name}`: it may hold select, ignore and strict")
        fits = isinstance(value, bool) if name == "strict" else _is_texts(value)
        if not fits:
            wanted = "true or false" if name == "strict" else "a list of names"
            raise ProjectTableError(f"{where} `{name}` must be {wanted}, not {value!r:.80}")
    select, ignore = (tuple(table[name]) if name in table else None for name in _LISTS)
    return ProjectTable(select, ignore, table.get("strict"))


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
