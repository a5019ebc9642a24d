"""Ask the stac-geoparquet download how many Items each year has in a box, with DuckDB and without a server.

python clients/count_duckdb.py 'tessera-v1/items/*.parquet' -10 35 5 45
"""

import sys

import duckdb

parts, west, south, east, north = sys.argv[1], *map(float, sys.argv[2:6])

rows = duckdb.sql(
    """
    SELECT year(start_datetime AT TIME ZONE 'UTC') AS year, count(*) AS items, min(id) AS first
    FROM read_parquet(?)
    WHERE bbox.xmax >= ? AND bbox.xmin <= ? AND bbox.ymax >= ? AND bbox.ymin <= ?
    GROUP BY 1 ORDER BY 1
    """,
    params=[parts, west, east, south, north],
).fetchall()
for year, items, first in rows:
    print(year, items, first, sep="\t")
