"""How a property is read from a row of pgstac's `items`: the SQL for names in filters and sorts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from atlas.api.cache import State, compact
from atlas.api.search.queryables import COLUMNS, canonical

__all__ = ["Queryable", "read_properties"]

_KINDS = {"to_float": "number", "to_int": "number", "to_text_array": "array", "to_tstz": "time"}
_TYPES = {"array": "text[]", "number": "numeric", "text": "text", "time": "timestamptz"}
_NOMINAL_SQL = """
SELECT EXISTS (SELECT FROM items WHERE jsonb_typeof(content->'properties'->'datetime') = 'string'
    AND (datetime <> end_datetime OR content->'properties'->'start_datetime' <> content->'properties'->'datetime')
    AND ($1::text[] IS NULL OR collection = ANY ($1::text[])))
"""


@dataclass(frozen=True, slots=True)
class Queryable:
    """How a property is read.

    Attributes:
        expression: SQL by which it is sorted.
        type: PostgreSQL type of the expression.
        nullable: Whether it may be null: columns may not.
        kind: `array`, `geometry`, `number`, `text` or `time`; `text` where values have several types.
        path: SQL of its JSON value; empty for a column without one.
        column: Whether it is read from a column and not from the JSON value.
        until: SQL of the last moment, for a time that may be an interval.
    """

    expression: str
    type: str
    nullable: bool
    kind: str = "text"
    path: str = ""
    column: bool = False
    until: str | None = None

    @property
    def value(self) -> str:
        """SQL that is null where an Item does not state it."""
        return f"to_text({self.path})" if self.path else self.expression

    def read_as(self, kind: str) -> str:
        """SQL of its value as text, number, time or boolean: null where the value is of another type."""
        if self.column:
            return self.expression
        return _as(self.path, kind)


def _as(path: str, kind: str) -> str:
    if kind == "boolean":
        return f"(CASE WHEN jsonb_typeof({path}) = 'boolean' THEN ({path})::boolean END)"
    return {"array": "to_text_array({})", "number": "atlas.as_number({})", "time": "atlas.as_time({})"}.get(
        kind, "to_text({})"
    ).format(path)


async def read_properties(
    state: State,
    names: Iterable[str],
    collections: tuple[str, ...] | None,
    schemas: Mapping[str, Mapping[str, object]] | None = None,
    *,
    nominal: bool = True,
) -> dict[str, Queryable]:
    """How each property is read in the given Collections.

    Args:
        state: What is remembered of the database.
        names: As a filter or a sort has them.
        collections: Collections that are searched; all where None.
        schemas: What is known of properties that nobody registered, by their names.
        nominal: Whether a `datetime` may differ from the interval of its Item.
    """
    found: dict[str, Queryable] = {}
    for name in names:
        bare = canonical(name)
        number = (schemas or {}).get(bare, {}).get("type") == "number"
        found[name] = await _read(state, bare, collections, number=number, nominal=nominal)
    return found


async def _read(
    state: State, bare: str, collections: tuple[str, ...] | None, *, number: bool, nominal: bool
) -> Queryable:
    async def read() -> Queryable:
        if bare in COLUMNS:
            return await _column(state, bare, collections, nominal=nominal)
        return await _property(state, bare.removeprefix("properties."), collections, number=number)

    return await state.queryables.remember(compact(bare, collections, number, nominal), read)


async def _column(state: State, name: str, collections: tuple[str, ...] | None, *, nominal: bool) -> Queryable:
    if name == "geometry":
        return Queryable("geometry", "geometry", nullable=False, kind="geometry", column=True)
    if name in ("id", "collection"):
        return Queryable(name, "text", nullable=False, column=True)
    path = f"content->'properties'->'{name}'"
    if name != "datetime":
        expression, until = ("datetime" if name == "start_datetime" else name), None
    elif nominal and await state.database.value(_NOMINAL_SQL, list(collections) if collections else None):
        expression, until = (f"coalesce(atlas.as_time({path}), {end})" for end in ("datetime", "end_datetime"))
    else:
        expression, until = name, "end_datetime"
    return Queryable(expression, "timestamptz", nullable=False, kind="time", path=path, column=True, until=until)


async def _property(state: State, name: str, collections: tuple[str, ...] | None, *, number: bool) -> Queryable:
    rows = await state.database.rows(
        "SELECT wrapper, path, definition->>'format' = 'date' FROM queryable($1, $2) WHERE registered",
        name,
        list(collections) if collections else None,
    )
    quoted = name.replace("'", "''")
    path, kind, day = f"content->'properties'->'{quoted}'", "number" if number else "text", False
    if rows and name not in COLUMNS:
        wrapper, path, day = rows[0]
        kind = _KINDS.get(wrapper, "text")
    expression = _as(path, kind)
    until = f"({expression} + interval '1 day' - interval '1 microsecond')" if day else None
    return Queryable(expression, _TYPES[kind], nullable=True, kind=kind, path=path, until=until)
