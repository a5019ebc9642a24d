"""What the client sees when PostgreSQL fails: 503 for every driver error, 500 only for our own faults."""

import asyncio

import asyncpg
import pytest
from asyncpg.exceptions import _base

from atlas.api.database import Database
from atlas.api.errors import UnavailableError, as_problem
from atlas.settings import Settings


def errors_of_the_driver():
    """Every exception that asyncpg raises on its own side of the connection."""
    kinds, found = [asyncpg.InternalClientError, asyncpg.InterfaceError], []
    while kinds:
        kind = kinds.pop()
        found.append(kind)
        kinds += kind.__subclasses__()
    assert _base.ProtocolError in found
    return found


@pytest.mark.parametrize("kind", errors_of_the_driver(), ids=lambda kind: kind.__name__)
def test_a_fault_of_the_connection_is_503(kind):
    problem = as_problem(kind("got result for unknown protocol state 3"))
    assert isinstance(problem, UnavailableError)
    assert (problem.status, problem.code) == (503, "Unavailable")


def test_a_fault_of_our_own_stays_one():
    assert as_problem(ValueError("x")) is None


async def _raise(*_, **__):
    raise asyncpg.InternalClientError("got result for unknown protocol state 3")


def test_a_pool_that_fails_in_the_driver_is_503(monkeypatch):
    monkeypatch.setattr(asyncpg, "create_pool", _raise)
    database = Database(Settings(), "host=127.0.0.1 user=x dbname=x", size=1)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        asyncio.run(database.rows("SELECT 1"))
