"""`database`: which server is used, which version is accepted, and what the reader role may not do."""

import psycopg
import pytest

from atlas.errors import SettingsError, StoreError
from atlas.settings import Settings
from atlas.store.database import (
    PGSTAC_VERSION,
    connect,
    create_reader,
    database,
    migrate,
    pgstac_version,
    reader_conninfo,
)


def settings_for(conninfo, tmp_path):
    """Settings for an existing server; libpq takes the socket from the query and ignores the host."""
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    host = str(parts["host"]).replace("/", "%2F")
    return Settings(
        database_url=f"postgresql://{parts['user']}@localhost/{parts['dbname']}?host={host}&port={parts['port']}",
        state_dir=tmp_path,
    )


def pretend(conninfo, version):
    with connect(conninfo) as connection:
        connection.execute("INSERT INTO pgstac.migrations (version) VALUES (%s)", [version])


def test_an_existing_server_is_used_and_nothing_is_started(empty_database, tmp_path):
    with database(settings_for(empty_database, tmp_path)) as conninfo, connect(conninfo) as connection:
        assert pgstac_version(connection) == PGSTAC_VERSION
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_gets_pgstac(cluster, empty_database, tmp_path):
    name = "test_without_pgstac"
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        with database(settings_for(cluster.conninfo(name), tmp_path)) as conninfo, connect(conninfo) as connection:
            assert pgstac_version(connection) == PGSTAC_VERSION
            assert connection.execute("SELECT to_regclass('pgstac.items_annual_idx') IS NOT NULL").fetchone() == (True,)
    finally:
        with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_older_pgstac_is_not_changed_unasked(empty_database, tmp_path):
    pretend(empty_database, "0.9.8")
    message = rf"the database has pgstac 0\.9\.8, and this atlas needs {PGSTAC_VERSION}: run 'atlas db migrate'"
    with pytest.raises(StoreError, match=message), database(settings_for(empty_database, tmp_path)):
        pass


def test_a_newer_pgstac_is_refused(empty_database):
    pretend(empty_database, "0.12.1")
    with pytest.raises(StoreError, match=r"pgstac 0\.12\.1, which is newer than .* install a newer"):
        migrate(empty_database)


def test_a_server_that_is_not_there_is_named(tmp_path):
    settings = Settings(database_url="postgresql://someone:secret@127.0.0.1:9/nowhere", state_dir=tmp_path)
    with pytest.raises(StoreError, match=r"the database cannot be reached: .*127") as caught, database(settings):
        pass
    assert "secret" not in str(caught.value)


def test_an_address_that_libpq_does_not_know_is_explained():
    with pytest.raises(SettingsError, match="ATLAS_DATABASE_URL is not a PostgreSQL address"):
        connect("postgresql+asyncpg://someone@localhost/atlas")


def test_migrating_again_changes_nothing(empty_database):
    with connect(empty_database) as connection:
        before = connection.execute("SELECT xmin FROM atlas.state").fetchall()
    migrate(empty_database)
    with connect(empty_database) as connection:
        assert connection.execute("SELECT xmin FROM atlas.state").fetchall() == before


def test_a_user_who_may_not_add_what_is_missing_is_told(empty_database):
    with connect(empty_database) as connection:
        connection.execute("DELETE FROM atlas.state")
    with pytest.raises(
        StoreError, match=r"may not add what the atlas needs .*run 'atlas db migrate' once as the owner"
    ):
        migrate(psycopg.conninfo.make_conninfo(empty_database, user="atlas_reader", options=""))


def test_the_reader_searches_and_changes_nothing(empty_database):
    with connect(reader_conninfo(empty_database), autocommit=True) as connection:
        assert connection.execute("SELECT search('{}')").fetchone()[0]["features"] == []
        for statement in ("DELETE FROM pgstac.collections", "CREATE TABLE mine (i int)"):
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute(statement)
        # Also where it turns the setting off: the role itself has no right.
        connection.execute("SET default_transaction_read_only = off")
        for statement in ("DELETE FROM pgstac.collections", 'SELECT pgstac.create_collection(\'{"id": "x"}\')'):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_making_the_reader_twice_does_no_harm(empty_database):
    create_reader(empty_database)
    create_reader(empty_database, "new 'password'")
