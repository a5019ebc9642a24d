"""The atlas's additions to pgstac: applied once, and recognised by their fingerprints."""

import hashlib
import importlib.resources
import json
import re

import psycopg
from pypgstac import version as pypgstac_version

from atlas.errors import StoreError
from atlas.store.queries import Connection, value

__all__ = ["PGSTAC_VERSION", "additions_due", "apply_additions", "changed_objects", "replaced_functions"]

PGSTAC_VERSION: str = pypgstac_version.__version__
"""The version that this atlas reads and writes; the Python package and the database must agree."""

_LAYOUT = "2"
"""Raised when `atlas.state` records something else of the additions, so that they are applied once more."""
_CREATED = re.compile(r"^CREATE OR REPLACE FUNCTION (\w+\.\w+)\(", re.MULTILINE)
_OBJECTS = """
SELECT 'function ' || p.oid::regprocedure,
    md5(concat_ws('|', p.prosrc, p.prorettype::regtype, p.provolatile, p.proconfig))
FROM pg_proc p WHERE p.pronamespace = to_regnamespace('atlas')
    OR p.pronamespace::regnamespace::text || '.' || p.proname = ANY (%s)
UNION ALL
SELECT 'table ' || c.oid::regclass,
    md5(string_agg(concat_ws(' ', a.attname, a.atttypid::regtype), ',' ORDER BY a.attname))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace('atlas') AND c.relkind = 'r' GROUP BY c.oid
UNION ALL
SELECT 'index ' || c.relname, md5(pg_get_indexdef(c.oid))
FROM pg_class c WHERE c.relnamespace = 'pgstac'::regnamespace
    AND c.relname ~ '^items_(annual|nominal)(_template)?_idx$'
"""


def _additions() -> tuple[list[str], str]:
    """The statements, and their digest."""
    folder = importlib.resources.files("atlas.store") / "sql"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    texts = [f.read_text(encoding="utf-8") for f in files]
    return texts, hashlib.sha256("\0".join([PGSTAC_VERSION, _LAYOUT, *texts]).encode()).hexdigest()


def additions_due(connection: Connection) -> bool:
    """Whether a database lacks the additions, or has those of another release."""
    if value(connection, "SELECT to_regclass('atlas.state')") is None:
        return True
    return bool(value(connection, "SELECT value FROM atlas.state WHERE key = 'additions'") != _additions()[1])


def changed_objects(connection: Connection) -> list[str]:
    """Kind and name of each function, table and index of the additions that is missing or was changed."""
    if additions_due(connection) or not (known := _known(connection)):
        return ["all of them"]
    there = _objects(connection)
    return sorted(name for name, digest in known.items() if there.get(name) != digest)


def apply_additions(connection: Connection, *, again: bool = False) -> None:
    """Apply the additions where they are due.

    Args:
        connection: in autocommit mode, as the owner of the database.
        again: also where they were applied already.

    Raises:
        StoreError: the account lacks the privilege.
    """
    if not again and not additions_due(connection):
        return
    texts, digest = _additions()
    try:
        with connection.transaction():
            known = {} if additions_due(connection) else _known(connection)
            for text in texts:
                connection.execute(text.encode())
            # Fingerprints of the same additions stay: an object that could not be restored is still reported.
            objects = json.dumps(known or _objects(connection), sort_keys=True)
            for key, value in (("additions", digest), ("objects", objects)):
                connection.execute(
                    "INSERT INTO atlas.state VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
                    [key, value],
                )
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction) as error:
        raise StoreError(
            f"the database user may not add what the atlas needs ({str(error).strip()}): "
            "run 'atlas db migrate' once as the owner of the database"
        ) from error


def replaced_functions() -> frozenset[str]:
    """Names of pgstac's functions that the additions replace."""
    return frozenset(name.removeprefix("pgstac.") for name in _made_here() if name.startswith("pgstac."))


def _made_here() -> list[str]:
    return sorted(set(_CREATED.findall("\n".join(_additions()[0]))))


def _known(connection: Connection) -> dict[str, str]:
    found: dict[str, str] = json.loads(value(connection, "SELECT value FROM atlas.state WHERE key = 'objects'") or "{}")
    return found


def _objects(connection: Connection) -> dict[str, str]:
    return {str(name): str(digest) for name, digest in connection.execute(_OBJECTS, [_made_here()]).fetchall()}
