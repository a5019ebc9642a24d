"""Commands wait for a server that recovers from a crash, and for nothing else."""

import psycopg
import pytest

from atlas.errors import StoreError
from atlas.store import database


class Connection:
    autocommit = True

    def execute(self, _query):
        return None


@pytest.fixture
def server(monkeypatch):
    """`server(message, times)` refuses so many connections, then accepts; the returned list counts attempts."""

    def refuse(message, times):
        asked = []

        def connect(*_args, **_options):
            asked.append(1)
            if len(asked) <= times:
                raise psycopg.OperationalError(message)
            return Connection()

        monkeypatch.setattr(database.psycopg, "connect", connect)
        monkeypatch.setattr(database, "_PAUSE", 0)
        return asked

    return refuse


RECOVERING = [
    "FATAL:  the database system is starting up",
    "FATAL:  the database system is not yet accepting connections",
]


@pytest.mark.parametrize("message", RECOVERING)
def test_a_server_that_recovers_is_waited_for_and_that_is_said_once(server, capsys, message):
    asked = server(message, 3)
    database.connect("host=none")
    assert len(asked) == 4
    assert capsys.readouterr().err.count("waiting up to") == 1


def test_the_wait_ends(server, monkeypatch):
    server("FATAL:  the database system is starting up", 10**9)
    monkeypatch.setattr(database, "_RECOVERY", 0)
    with pytest.raises(StoreError, match=r"cannot be reached: .*starting up"):
        database.connect("host=none")


def test_a_server_that_is_not_there_is_not_waited_for(server):
    asked = server("connection refused", 10**9)
    with pytest.raises(StoreError, match="connection refused"):
        database.connect("host=none")
    assert len(asked) == 1
