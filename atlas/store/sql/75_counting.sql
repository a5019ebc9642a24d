-- What there is to count in a partition. A load counts what it sends (atlas/store/load/tally.py), with the same result.
CREATE OR REPLACE FUNCTION atlas.seen_in(_partition regclass, _judged boolean)
RETURNS TABLE (items bigint, times timestamptz[], extent geometry, placed boolean) AS $$
BEGIN
  RETURN QUERY EXECUTE format($sql$
    SELECT count(*), ARRAY[min(datetime), max(datetime), min(end_datetime), max(end_datetime)],
      ST_Extent(geometry)::geometry, coalesce(bool_and($1 OR ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)
        AND ST_SRID(geometry) = 4326
        AND (atlas.first_vertex(geometry) && ST_MakeEnvelope(-180, -90, 180, 90, 4326)) IS TRUE), true)
    FROM %s $sql$, _partition) USING _judged;
END;
$$ LANGUAGE plpgsql STABLE SET search_path FROM CURRENT;

-- The columns and rows of a partition whose Items are tiles of a lattice: a column has one west and one east edge, both of
-- which increase, rows likewise. Null where it is none, or one of very many.
CREATE OR REPLACE FUNCTION atlas.lattice_of(
  _partition regclass, OUT west float8[], OUT south float8[], OUT east float8[], OUT north float8[]
) AS $$
DECLARE
  whole boolean;
  edges text := 'SELECT array_agg(a ORDER BY a), array_agg(b ORDER BY a),
    count(*) BETWEEN 1 AND 20000 AND count(*) = count(DISTINCT a) AND array_agg(b ORDER BY a) = array_agg(b ORDER BY b)
    FROM (SELECT DISTINCT %s AS a, %s AS b FROM %s) AS edges';
BEGIN
  EXECUTE format($sql$
    SELECT NOT EXISTS (SELECT FROM %s WHERE CASE
      WHEN geometry @ ST_MakeEnvelope(-180, -90, 180, 90, 4326) AND ST_SRID(geometry) = 4326 AND ST_IsValid(geometry)
      THEN ST_Covers(geometry, ST_Envelope(geometry)) END IS NOT TRUE) $sql$, _partition) INTO whole;
  IF whole THEN
    EXECUTE format(edges, 'ST_XMin(geometry)', 'ST_XMax(geometry)', _partition) INTO west, east, whole;
  END IF;
  IF whole THEN
    EXECUTE format(edges, 'ST_YMin(geometry)', 'ST_YMax(geometry)', _partition) INTO south, north, whole;
  END IF;
  IF whole IS NOT TRUE THEN
    west := NULL; south := NULL; east := NULL; north := NULL;
  END IF;
END;
$$ LANGUAGE plpgsql STABLE SET search_path FROM CURRENT;

-- With the columns and rows that begin at some edges; without edges by first vertices.
CREATE OR REPLACE FUNCTION atlas.cells_in(_partition regclass, _west float8[], _south float8[])
RETURNS TABLE (y integer, x integer, upto bigint, step bigint) AS $$
DECLARE
  vertices text := 'SELECT floor(ST_Y(v) * 4)::integer AS y, floor(ST_X(v) * 4)::integer AS x
    FROM (SELECT atlas.first_vertex(geometry) AS v FROM %s OFFSET 0) AS vertices';
  tiles text := 'SELECT width_bucket(ST_YMin(geometry), $2) - 1 AS y, width_bucket(ST_XMin(geometry), $1) - 1 AS x FROM %s';
BEGIN
  RETURN QUERY EXECUTE format($sql$
    WITH cells AS (SELECT y, x, count(*) AS n FROM (%s) AS places GROUP BY y, x),
    every AS (
      SELECT y, x, sum(n)::bigint AS n, (sum(sum(n)) OVER (PARTITION BY y ORDER BY x))::bigint AS upto
      FROM (SELECT * FROM cells UNION ALL SELECT atlas.band(y), x, n FROM cells) AS both_kinds GROUP BY y, x),
    -- cells side by side with equally many Items are one run
    numbered AS (SELECT *, x - row_number() OVER (PARTITION BY y, n ORDER BY x) AS run FROM every),
    runs AS (
      SELECT y, min(x) AS x, max(x) AS last, min(upto) AS upto, max(upto) AS total, CASE WHEN count(*) > 1 THEN n ELSE 0 END AS step
      FROM numbered GROUP BY y, n, run),
    followed AS (SELECT *, lead(x) OVER (PARTITION BY y ORDER BY x) AS next FROM runs)
    SELECT y, x, upto, step FROM followed
    UNION ALL SELECT y, last + 1, total, 0 FROM followed WHERE step > 0 AND next IS DISTINCT FROM last + 1 $sql$,
    format(CASE WHEN _west IS NULL THEN vertices ELSE tiles END, _partition)) USING _west, _south;
END;
$$ LANGUAGE plpgsql STABLE SET search_path FROM CURRENT;

CREATE OR REPLACE FUNCTION atlas.values_in(_partition regclass, _path text) RETURNS TABLE (value text, n bigint) AS $$
BEGIN
  RETURN QUERY EXECUTE format($sql$
    SELECT value, sum(n)::bigint FROM (
      SELECT pgstac.to_text(stated::jsonb) AS value, n
      FROM (SELECT (%s)::text AS stated, count(*) AS n FROM %s GROUP BY 1 OFFSET 0) AS s OFFSET 0) AS v
    WHERE value IS NOT NULL GROUP BY value $sql$, _path, _partition);
END;
$$ LANGUAGE plpgsql STABLE SET search_path FROM CURRENT;

-- Count a partition that is there already. A text that is too long for an index is not counted, nor are others of its kind.
CREATE OR REPLACE FUNCTION atlas.count_partition(_partition regclass, _names text[]) RETURNS void AS $$
DECLARE
  seen record;
  tiles record;
  made bigint;
  asked text;
  told text[] := '{}';
BEGIN
  SELECT * INTO tiles FROM atlas.lattice_of(_partition);
  SELECT * INTO seen FROM atlas.seen_in(_partition, false);
  made := atlas.begin_count(_partition, seen.items, seen.times, seen.extent, seen.placed, '{}',
    tiles.west, tiles.south, tiles.east, tiles.north);
  IF seen.placed THEN
    INSERT INTO atlas.counted_rows SELECT made, y, x, upto, step FROM atlas.cells_in(_partition, tiles.west, tiles.south)
      ORDER BY y, x;
  END IF;
  FOR asked IN SELECT q.path FROM unnest(_names) AS n CROSS JOIN LATERAL pgstac.queryable(n) AS q WHERE q.registered LOOP
    WITH found AS MATERIALIZED (SELECT * FROM atlas.values_in(_partition, asked)),
    judged AS (SELECT coalesce(max(octet_length(value)), 0) <= 1000 AS short FROM found),
    kept AS (INSERT INTO atlas.counted_values SELECT made, asked, value, n FROM found CROSS JOIN judged WHERE short)
    SELECT CASE WHEN short THEN told || asked ELSE told END INTO told FROM judged;
  END LOOP;
  UPDATE atlas.counted SET paths = told WHERE id = made;
END;
$$ LANGUAGE plpgsql SET search_path FROM CURRENT;

-- Whether what was counted is not what a partition holds. Reads every row.
CREATE OR REPLACE FUNCTION atlas.is_miscounted(_counted bigint) RETURNS boolean AS $$
  SELECT k.items <> s.items
    OR ARRAY[k.first, k.last, k.first_end, k.last_end] IS DISTINCT FROM s.times
    OR k.extent IS DISTINCT FROM ARRAY[ST_XMin(s.extent), ST_YMin(s.extent), ST_XMax(s.extent), ST_YMax(s.extent)]
    OR k.lattice AND EXISTS (SELECT FROM atlas.lattice_of(k.partition) AS t
      WHERE (k.west, k.south, k.east, k.north) IS DISTINCT FROM (t.west, t.south, t.east, t.north))
    OR k.placed AND EXISTS (
      SELECT FROM (SELECT y, x, upto, step FROM atlas.counted_rows WHERE counted = k.id) AS a
      FULL JOIN atlas.cells_in(k.partition, k.west, k.south) AS b USING (y, x, upto, step) WHERE a IS NULL OR b IS NULL)
    OR EXISTS (
      SELECT FROM (SELECT path, value, n FROM atlas.counted_values WHERE counted = k.id) AS a
      FULL JOIN (SELECT p AS path, v.* FROM unnest(k.paths) AS p CROSS JOIN LATERAL atlas.values_in(k.partition, p) AS v) AS b
        USING (path, value, n) WHERE a IS NULL OR b IS NULL)
  FROM atlas.counted k CROSS JOIN LATERAL atlas.seen_in(k.partition, true) AS s WHERE k.id = _counted;
$$ LANGUAGE sql STABLE SET search_path FROM CURRENT;
