"""Checksums of a database: equal where the rows are equal, whatever their order and whoever wrote them."""

from typing import Any

from psycopg import sql

from atlas.store.queries import Connection, value

__all__ = ["checksums", "differences"]

# The columns that count, by names that do not depend on the release of pgstac; caches and statistics are left out.
_TABLES = {
    "pgstac.collections": "id, content",
    "pgstac.queryables": "name, collection_ids, definition, property_path, property_wrapper, property_index_type",
    "pgstac.pgstac_settings": "name, value",
    "atlas.loads": "collection, sources, document, set_aside",
    "atlas.cold": "collection, is_cold, folders, seen",
    "atlas.cold_ids": "collection, bucket, entries",
}
_ITEMS = "collection, id, geometry, datetime, end_datetime, content"
# Sixty bits of each row's MD5, summed up: the order of the rows does not matter, and nothing grows with their number.
_SUM = "count(*), coalesce(sum(('x' || substr(md5(ROW({})::text), 1, 15))::bit(60)::bigint::numeric), 0)::text"
_OF_TABLE = sql.SQL("SELECT {} FROM {}")
_OF_ITEMS = sql.SQL("SELECT collection, {} FROM pgstac.items GROUP BY 1 ORDER BY 1")


def checksums(connection: Connection) -> dict[str, list[Any]]:
    """Number of rows and sum of their checksums, for the Items of each Collection and for each table of metadata.

    Reads every row. In a transaction that is REPEATABLE READ, all sums are of one state of the database.
    """
    found: dict[str, list[Any]] = {}
    for table, columns in _TABLES.items():
        names = columns.split(", ")
        there = "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = ANY (%s)"
        if value(connection, there, [table, names]) != len(names):
            continue  # it has an earlier layout, and is recreated
        summed = sql.SQL(_SUM).format(sql.SQL(columns))
        row = connection.execute(_OF_TABLE.format(summed, sql.Identifier(*table.split(".")))).fetchone()
        found[table] = list(row or ())
    rows = connection.execute(_OF_ITEMS.format(sql.SQL(_SUM).format(sql.SQL(_ITEMS)))).fetchall()
    return found | {f"Items of {name}": [count, total] for name, count, total in rows}


def differences(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """Where two databases differ, in words."""
    found = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, [0, "0"]), after.get(name, [0, "0"])
        if old[0] != new[0]:
            found.append(f"{name}: {new[0]:,} rows, not {old[0]:,}")
        elif old != new:
            found.append(f"{name}: {new[0]:,} rows as before, but not the same")
    return found
