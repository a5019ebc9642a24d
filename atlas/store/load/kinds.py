"""Which properties the parts of a crawl have, and of which JSON types: what may be filtered by follows the data."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg.types.json import Jsonb

from atlas.store.load.parquet import TOP_LEVEL, readable
from atlas.store.queries import Connection

__all__ = ["learn_properties", "property_kinds"]


def learn_properties(connection: Connection, collection: str, parts: Iterable[Path]) -> None:
    """Register the properties of parts as queryables of a Collection; registered ones are unchanged.

    Raises:
        StoreError: a part cannot be read.
    """
    kinds = property_kinds(parts)
    connection.execute(
        "SELECT atlas.learn_kinds(%s, %s)", [collection, Jsonb({k: sorted(v) for k, v in kinds.items()})]
    )


def property_kinds(parts: Iterable[Path]) -> dict[str, set[str]]:
    """The JSON types of each property, from the footers of the parts alone.

    Raises:
        StoreError: a part cannot be read.
    """
    found: dict[str, set[str]] = {}
    for path in parts:
        with readable(path):
            metadata = pq.read_metadata(path)
        empty = _without_values(metadata)
        for field in metadata.schema.to_arrow_schema():
            kind = _kind(field.type)
            if field.name not in TOP_LEVEL and field.name not in empty and kind is not None:
                found.setdefault(field.name, set()).add(kind)
    return found


def _without_values(metadata: pq.FileMetaData) -> set[str]:
    """Columns of which the statistics say that every value is null."""
    known: dict[str, bool] = {}
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group)
        for number in range(rows.num_columns):
            column = rows.column(number)
            facts = column.statistics
            filled = facts is None or not facts.has_null_count or facts.null_count < column.num_values
            known[column.path_in_schema] = known.get(column.path_in_schema, False) or filled
    return {name for name, filled in known.items() if not filled}


def _kind(kind: pa.DataType) -> str | None:
    """The JSON type of a column's values; None where it has none."""
    if pa.types.is_dictionary(kind):
        return _kind(kind.value_type)
    tests = (
        (pa.types.is_null, None),
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "number"),
        (pa.types.is_floating, "number"),
        (pa.types.is_decimal, "number"),
        (pa.types.is_struct, "object"),
        (pa.types.is_list, "array"),
        (pa.types.is_large_list, "array"),
        (pa.types.is_fixed_size_list, "array"),
    )
    return next((name for test, name in tests if test(kind)), "string")
