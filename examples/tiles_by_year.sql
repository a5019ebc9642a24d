-- Tiles by year in a box (southern England here), straight from the files that a crawl wrote.
SELECT year(start_datetime) AS year, count(*) AS tiles, min(id) AS first
FROM read_parquet('build/tessera-v1/items/*.parquet')
WHERE bbox.xmin < 1.0 AND bbox.xmax > -1.0 AND bbox.ymin < 52.0 AND bbox.ymax > 51.0
GROUP BY ALL
ORDER BY year;
