"""pgstac's own functions, views and triggers: what its migration makes them, read from the file in its package.

A function is known by its name and its body, which PostgreSQL keeps letter by letter, so nothing has to be installed
elsewhere to compare with. Of views and triggers, which it rewrites, only the names are compared.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pypgstac

from atlas.store.additions import PGSTAC_VERSION, replaced_functions
from atlas.store.queries import Connection

__all__ = ["beside_pgstac", "missing_objects", "reinstall"]

_TOKEN = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|(\$\w*\$).*?\1|;", re.DOTALL)
_MADE = re.compile(
    r"CREATE (?:OR REPLACE )?(FUNCTION|PROCEDURE|AGGREGATE|VIEW|TRIGGER)\s+(?:pgstac\.)?(\w+)", re.IGNORECASE
)
_DROPPED = re.compile(r"DROP FUNCTION (?:IF EXISTS )?(?:pgstac\.)?(\w+)", re.IGNORECASE)
_BODY = re.compile(r"(\$\w*\$)(.*)\1", re.DOTALL)
_TABLE = re.compile(r"\sON\s+(?:pgstac\.)?(\w+)", re.IGNORECASE)
_RIGHTS = re.compile(r"ALTER FUNCTION (\w+) SECURITY (DEFINER|INVOKER)", re.IGNORECASE)
_PATH = re.compile(r"SET SEARCH_PATH TO pgstac", re.IGNORECASE)
# Privileges and costs of the functions: set by later statements, which may be repeated.
_AFTERWARDS = re.compile(r"ALTER FUNCTION\s|(?:GRANT|REVOKE)\s.*?\sON (?:ALL )?(?:FUNCTIONS?|PROCEDURE)\s", re.DOTALL)
_THERE = """
SELECT CASE prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END, proname::text,
    CASE prokind WHEN 'a' THEN '' ELSE prosrc END, prosecdef, oid::regprocedure::text
FROM pg_proc WHERE pronamespace = to_regnamespace('pgstac')
UNION ALL SELECT 'view', relname::text, '', false, '' FROM pg_class
WHERE relnamespace = to_regnamespace('pgstac') AND relkind = 'v'
UNION ALL SELECT 'trigger', c.relname || '.' || t.tgname, '', false, '' FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = to_regnamespace('pgstac') AND NOT t.tgisinternal
"""
_OF_OTHERS = """
SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = to_regnamespace('pgstac') AND proname = ANY (%s)
    AND proowner <> 'pgstac_admin'::regrole
"""
Key = tuple[str, str, str, bool]


@dataclass(frozen=True, slots=True)
class _There:
    """A function, view or trigger of the schema `pgstac`."""

    kind: str
    name: str
    body: str
    definer: bool
    signature: str = ""
    statement: str = ""
    """The statement of the migration that creates it; empty of an object of the database."""

    @property
    def key(self) -> Key:
        """What it is compared by: spaces in a body depend on how the migration was run."""
        return self.kind, self.name, " ".join(self.body.split()), self.definer

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def missing_objects(connection: Connection) -> list[str]:
    """Kind and name of pgstac's functions, views and triggers that are missing, and of functions whose body differs."""
    return [str(one) for one in _lacking(connection)]


def beside_pgstac(connection: Connection) -> list[str]:
    """Functions that others made under the name of a pgstac function: a call may reach them."""
    wanted = {one.key for one in _wanted()} | {("function", name, "", False) for name in replaced_functions()}
    of_migration = Counter(one.name for one in _wanted() if one.kind == "function")
    there = [one for one in _there(connection) if one.kind == "function" and one.name in of_migration]
    many = Counter(one.name for one in there)
    return sorted(one.signature for one in there if many[one.name] > of_migration[one.name] and one.key not in wanted)


def reinstall(connection: Connection) -> None:
    """Recreate what is missing; call it in a transaction, as a member of `pgstac_admin`.

    Nothing is dropped: rows, indexes, and what others added stay. The database refuses to replace a function whose
    arguments or result differ from pgstac's.

    Raises:
        psycopg.Error: the database refuses a statement.
    """
    if not (lacking := _lacking(connection)):
        return
    # a function that somebody else owns is taken over first, as pgstac's migration does
    for (signature,) in connection.execute(_OF_OTHERS, [[one.name for one in lacking]]).fetchall():
        connection.execute(f"ALTER ROUTINE {signature} OWNER TO pgstac_admin".encode())
    # in the order of the migration; a body may name a function that comes after it
    connection.execute(
        "SET LOCAL ROLE pgstac_admin; SET LOCAL search_path TO pgstac, public; SET LOCAL check_function_bodies TO off"
    )
    for statement in (*(one.statement for one in lacking), *filter(_AFTERWARDS.match, _statements())):
        connection.execute(statement.encode())
    connection.execute("RESET ROLE")


def _lacking(connection: Connection) -> list[_There]:
    there, ours = {one.key for one in _there(connection)}, replaced_functions()
    return [one for one in _wanted() if one.key not in there and one.name not in ours]


def _there(connection: Connection) -> list[_There]:
    return [
        _There(str(kind), str(name), str(body), bool(definer), str(signature))
        for kind, name, body, definer, signature in connection.execute(_THERE).fetchall()
    ]


@cache
def _statements() -> tuple[str, ...]:
    """The statements of the migration that installs pgstac, from the one that sets the search path."""
    file = Path(pypgstac.__file__).parent / "migrations" / f"pgstac.{PGSTAC_VERSION}.sql"
    found = list(_split(file.read_text(encoding="utf-8")))
    return tuple(found[next(n for n, one in enumerate(found) if _PATH.match(one)) :])


def _split(text: str) -> Iterator[str]:
    """Statements without their comments."""
    statement, last = "", 0
    for token in _TOKEN.finditer(text):
        statement, last = statement + text[last : token.start()], token.end()
        if token[0] == ";":
            yield statement.strip()
            statement = ""
        elif not token[0].startswith(("--", "/*")):
            statement += token[0]


@cache
def _wanted() -> tuple[_There, ...]:
    """What exists after the migration: all that it creates and neither replaces nor drops later."""
    rights = {m[1]: m[2].upper() == "DEFINER" for one in _statements() if (m := _RIGHTS.match(one))}
    made: dict[str, _There] = {}
    for statement in _statements():
        if dropped := _DROPPED.match(statement):
            made = {key: one for key, one in made.items() if one.name != dropped[1]}
        if (found := _MADE.match(statement)) is None:
            continue
        kind, name = found[1].lower().replace("procedure", "function"), found[2].lower()
        body = _BODY.search(statement) if kind == "function" else None
        head = " ".join((statement[: body.start()] if body else statement).split())
        rest = statement[body.end() :] if body else ""
        definer = rights.get(name, "SECURITY DEFINER" in f"{head} {rest}".upper())
        if kind == "trigger" and (table := _TABLE.search(statement)):
            name = f"{table[1]}.{name}"
        key = head if kind == "function" else f"{kind} {name}"
        made.pop(key, None)
        made[key] = _There(kind, name, body[2] if body else "", definer, statement=statement)
    return tuple(made.values())
