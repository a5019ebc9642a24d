"""The private cluster: start, share, crash, stop."""

from atlas.store.database import connect


def test_a_fresh_database_answers_a_search(empty_database):
    with connect(empty_database) as connection:
        assert connection.execute("SELECT search('{}')").fetchone()[0]["features"] == []
