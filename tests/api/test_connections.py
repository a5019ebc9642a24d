"""Every part of ATLAS_DATABASE_URL is honoured or rejected by name."""

import pytest

from atlas.api.app import create_app
from atlas.api.database import connection_arguments
from atlas.errors import SettingsError
from atlas.settings import Settings


@pytest.mark.parametrize(
    ("conninfo", "arguments"),
    [
        (
            "postgresql://me:s%40fe@db.example.org:6432/atlas",
            {"host": "db.example.org", "port": 6432, "database": "atlas", "user": "me", "password": "s@fe"},
        ),
        (
            "postgresql://a.example.org:5432,b.example.org:5433/atlas?target_session_attrs=read-write",
            {
                "host": ["a.example.org", "b.example.org"],
                "port": [5432, 5433],
                "database": "atlas",
                "target_session_attrs": "read-write",
            },
        ),
        (
            "host=db sslmode=verify-full sslrootcert='/etc/my ca.pem'",
            {"host": "db", "dsn": "postgresql://?sslmode=verify-full&sslrootcert=%2Fetc%2Fmy+ca.pem"},
        ),
        ("host=db options='-c work_mem=64MB'", {"host": "db", "server_settings": {"options": "-c work_mem=64MB"}}),
        ("host=db connect_timeout=3 application_name=x channel_binding=prefer", {"host": "db"}),
    ],
)
def test_every_part_is_honoured(conninfo, arguments):
    assert connection_arguments(conninfo) == arguments


@pytest.mark.parametrize(
    ("conninfo", "message"),
    [
        ("nonsense", "is not a PostgreSQL connection string"),
        ("host=db hostaddr=10.0.0.1", "the API cannot do what hostaddr asks for"),
        ("host=db channel_binding=require gssencmode=require", "what channel_binding and gssencmode asks for"),
        ("host=db port=x", "a port is not a number"),
    ],
)
def test_what_cannot_be_honoured_is_named(conninfo, message):
    with pytest.raises(SettingsError, match=message):
        create_app(Settings(), conninfo)


def test_only_the_private_cluster_is_read_as_its_reader():
    private = create_app(Settings(transactions_token="a-token-of-some-length"), "host=/run/x user=atlas dbname=atlas")
    parts = private.state.services
    logins = [database.arguments["user"] for database in (parts.database, parts.local, parts.writer)]
    assert logins == ["atlas_reader", "atlas_reader", "atlas"]
    url = "postgresql://atlas@db.example.org/atlas"
    assert create_app(Settings(database_url=url), url).state.services.database.arguments["user"] == "atlas"
