"""Helpers for statements, which every module of the store uses."""

from typing import Any, LiteralString, TypeAlias

import psycopg
from psycopg import sql
from psycopg.abc import Params

__all__ = ["Connection", "named", "value"]

Connection: TypeAlias = psycopg.Connection[tuple[object, ...]]


def value(connection: Connection, query: LiteralString | sql.Composed, arguments: Params | None = None) -> Any:  # noqa: ANN401 - of any type
    """The first column of the first row; None where there is no row."""
    row = connection.execute(query, arguments).fetchone()
    return None if row is None else row[0]


def named(text: LiteralString, *names: str) -> sql.Composed:
    """A statement in which each `{}` is a name, quoted."""
    return sql.SQL(text).format(*map(sql.Identifier, names))
