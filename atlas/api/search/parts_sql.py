"""SQL of a search over rows of parts, which replace pgstac's table, and of merging them with those of the table."""

from atlas.api.search.statements import Order, Where, beyond
from atlas.api.search.tokens import Token

__all__ = ["merge_sql", "parts_sql"]


def parts_sql(where: Where, order: Order, most: int, token: Token | None) -> tuple[str, list[object]]:
    """The statement that counts the matching rows and returns the first of them after the token.

    Columns: how many match, then `n` and the sort keys as text; one row of nulls where none comes after the token.
    """
    page = Where(list(where.conditions), list(where.arguments))
    behind = beyond(page, order, token) if token is not None else "TRUE"
    keys = ", ".join(f"({q.expression})::text AS k{n}" for n, (q, _) in enumerate(order.keys))
    by = order.sql(backwards=token is not None and token.backwards)
    sql = (
        f"WITH matched AS MATERIALIZED (SELECT * FROM items WHERE {where.sql}) "  # noqa: S608 - values are bound
        f"SELECT t.total, p.* FROM (SELECT count(*) AS total FROM matched) AS t LEFT JOIN "
        f"(SELECT n, {keys} FROM matched AS items WHERE {behind} ORDER BY {by} LIMIT {most}) AS p ON TRUE"
    )
    return sql, page.arguments


def merge_sql(order: Order, *, backwards: bool) -> str:
    """The statement that sorts rows and returns their numbers.

    Parameters: the numbers, an array of texts for each sort key, and how many to return.
    """
    count = len(order.keys)
    arrays = ", ".join(f"${n + 2}::text[]" for n in range(count))
    names = ", ".join(f"k{n}" for n in range(count))
    by = ", ".join(f"k{n}::{q.type} {'DESC' if down != backwards else 'ASC'}" for n, (q, down) in enumerate(order.keys))
    return f"SELECT n FROM unnest($1::int[], {arrays}) AS r(n, {names}) ORDER BY {by} LIMIT ${count + 2}::int"  # noqa: S608 - values are bound
