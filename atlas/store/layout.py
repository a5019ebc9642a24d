"""Damage to the functions, indexes, constraints, triggers and notes of a database.

Each kind of damage has a query that finds it and, where nothing can be lost by it, a statement that repairs it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from psycopg import sql

from atlas.store.additions import apply_additions, changed_objects
from atlas.store.counts import count_partition, miscounted
from atlas.store.pgstac_objects import beside_pgstac, missing_objects, reinstall
from atlas.store.queries import Connection, named, value

__all__ = ["FOUNDATIONS", "KINDS", "Flaw", "Kind", "hides_others", "layout_flaws"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One damaged function, index, constraint, trigger or note."""

    kind: str
    name: str
    """Of the table, index or function."""
    reason: str

    def __str__(self) -> str:
        return f"{self.name} - {self.kind} - fault - {self.reason}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of damage."""

    name: str
    reason: str
    """Why it matters."""
    find: Callable[[Connection], list[str]]
    """Names of the damaged objects."""
    mend: Callable[[Connection, str], None]
    """Repairs one object; called in a transaction. What it cannot repair is found again afterwards."""
    tried: bool = False
    """Whether a dry run repairs too, and rolls back: that takes no time, and the database may refuse it."""

    def flaws(self, connection: Connection) -> list[Flaw]:
        """The damaged objects of this kind."""
        return [Flaw(self.name, name, self.reason) for name in self.find(connection)]


def _found(query: str) -> Callable[[Connection], list[str]]:
    def find(connection: Connection) -> list[str]:
        return [str(name) for (name,) in connection.execute(query.encode()).fetchall()]

    return find


def _statement(text: str) -> Callable[[Connection, str], None]:
    """A statement with the name as `{}`, quoted as an identifier, or as `%s`."""

    def mend(connection: Connection, name: str) -> None:
        statement = sql.SQL(text).format(sql.Identifier("pgstac", name)) if "{}" in text else sql.SQL(text)
        connection.execute(statement, [name] if "%s" in text else None)

    return mend


def _constraint(connection: Connection, partition: str) -> None:
    # Dropped first: pgstac recreates it only where its range has changed.
    connection.execute("SELECT pgstac.drop_table_constraints(%s)", [partition])
    connection.execute("SELECT pgstac.update_partition_stats(%s, false, true)", [partition])


def _trigger(connection: Connection, name: str) -> None:
    table, _, trigger = name.partition(".")
    connection.execute(named("ALTER TABLE pgstac.{} ENABLE TRIGGER {}", table, trigger))


def _in_order(connection: Connection, name: str) -> None:
    # Defined as on the template, from which pgstac makes the indexes of new partitions.
    twin = name.replace("items", "queryable_index_template", 1)
    made = value(connection, "SELECT pg_get_indexdef(to_regclass('pgstac.' || quote_ident(%s)))", [twin])
    if made is not None:
        how = made.partition(" USING ")[2]
        connection.execute(f"CREATE INDEX {name} ON pgstac.items USING {how}".encode())


FOUNDATIONS = (
    Kind(
        "function beside pgstac's",
        "has the name of a pgstac function, whose callers may reach it: drop it (DROP FUNCTION), as its owner",
        beside_pgstac,
        lambda _connection, _name: None,  # somebody made it, and may use it
        tried=True,
    ),
    Kind(
        "part of pgstac",
        "is missing, or differs from pgstac's",
        missing_objects,
        lambda connection, _: reinstall(connection),
        tried=True,
    ),
    Kind(
        "addition of the atlas",
        "is missing, or differs from what the atlas made",
        changed_objects,
        lambda connection, _: apply_additions(connection, again=True),
    ),
)
"""The other kinds are found by means of these: where one is missing, nothing is known of the others."""
KINDS = (
    Kind(
        "trigger",
        "is switched off: pgstac does not notice what is written",
        _found(
            "SELECT c.relname || '.' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE c.relnamespace = 'pgstac'::regnamespace AND NOT t.tgisinternal AND t.tgenabled IN ('D', 'R') "
            "ORDER BY 1"
        ),
        _trigger,
    ),
    Kind(
        "known partitions",
        "pgstac's list of partitions differs from the tables: its searches miss Items, or fail",
        _found(
            "SELECT coalesce(v.partition, s.partition) FROM pgstac.partition_sys_meta v "
            "FULL JOIN pgstac.partition_stats s USING (partition) "
            "WHERE v.partition IS NULL OR s.partition IS NULL OR s.collection IS DISTINCT FROM v.collection "
            "OR s.partition_dtrange IS DISTINCT FROM v.partition_dtrange ORDER BY 1"
        ),
        _statement("SELECT pgstac.sync_partition_stats()"),
    ),
    Kind(
        "note of a load",
        "is about a table that does not exist",
        _found(
            "SELECT partition FROM atlas.loaded_partitions l WHERE NOT EXISTS "
            "(SELECT FROM pgstac.partition_sys_meta v WHERE v.partition = l.partition) ORDER BY 1"
        ),
        _statement("DELETE FROM atlas.loaded_partitions WHERE partition = %s"),
    ),
    Kind(
        "constraint of a partition",
        "is missing or was never validated: searches by time read the partition needlessly",
        _found(
            "SELECT v.partition FROM pgstac.partition_sys_meta v WHERE NOT EXISTS (SELECT FROM pg_constraint k "
            "WHERE k.conrelid = pgstac.partition_oid(v.partition) AND k.contype = 'c' AND k.convalidated "
            "AND k.conname = v.partition || '_dt') ORDER BY 1"
        ),
        _constraint,
    ),
    Kind(
        "index",
        "is not valid: no search uses it",
        _found(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "WHERE c.relnamespace = 'pgstac'::regnamespace AND c.relkind = 'i' AND NOT i.indisvalid ORDER BY 1"
        ),
        _statement("REINDEX INDEX {}"),
    ),
    Kind(
        "index of a queryable",
        "is missing, also from partitions that are made from now on: a filter on it reads every Item",
        _found(
            "SELECT name FROM pgstac.queryables q WHERE property_index_type IS NOT NULL "
            "AND pgstac.reference_index(q) IS NULL ORDER BY 1"
        ),
        _statement("SELECT pgstac.maintain_reference_index()"),
    ),
    Kind(
        "index in order",
        "is missing: the first page of a search for a property that many Items share is slow",
        _found(
            "SELECT replace(c.relname, 'queryable_index_template', 'items') FROM pg_class c "
            "WHERE c.relnamespace = 'pgstac'::regnamespace AND c.relkind = 'i' "
            "AND c.relname ~ '^queryable_index_template_in_order_[0-9a-f]{8}$' AND NOT EXISTS (SELECT FROM pg_class i "
            "WHERE i.relnamespace = c.relnamespace "
            "AND i.relname = replace(c.relname, 'queryable_index_template', 'items')) ORDER BY 1"
        ),
        _in_order,
    ),
    Kind(
        "indexes of a partition",
        "an index that its queryables need is missing: searches are slow, or an id may occur twice",
        _found(
            "SELECT DISTINCT partition FROM pgstac.queryable_indexes('items', true) WHERE indexname IS NULL ORDER BY 1"
        ),
        _statement("SELECT pgstac.maintain_partitions(%s)"),
    ),
    Kind(
        "counts of a partition",
        "differ from its Items: searches report a wrong number of matches",
        miscounted,
        count_partition,
    ),
)
"""In the order in which they are repaired: each relies on those before it."""


def layout_flaws(connection: Connection) -> list[Flaw]:
    """All damage; where the other kinds cannot be found, only what they need is reported.

    Raises:
        psycopg.Error: the database cannot be read.
    """
    found = [flaw for kind in FOUNDATIONS for flaw in kind.flaws(connection)]
    if not hides_others(found):
        found += [flaw for kind in KINDS for flaw in kind.flaws(connection)]
    return found


def hides_others(flaws: Iterable[Flaw]) -> bool:
    """Whether the other kinds cannot be found, as that needs pgstac's functions and the atlas's tables."""
    return any(f.kind == "part of pgstac" or f.name == "all of them" or f.name.startswith("table ") for f in flaws)
