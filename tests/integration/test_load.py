"""`load_folder`: the rows of pypgstac, in one step or not at all."""

import pytest

from atlas.store.database import connect
from atlas.store.parquet import items_of_folder
from atlas.store.pgstac import load_folder
from tests.integration.loading import checksum, load_with_pypgstac, write_crawl


def test_the_rows_are_those_of_pypgstac(cluster, empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2021), rows=700)
    report = load_folder(empty_database, folder)
    print(report)
    with connect(empty_database) as c:
        print(c.execute("select * from partitions").fetchall())
