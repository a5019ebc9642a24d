-- How many Items a partition holds, in each cell of a grid and of each value of a property that thousands share, so that
-- `numberMatched` need not visit each of them. What is counted here holds for the rows of one table at one moment: as soon
-- as a row changes, the table gets other files, or all this comes into another database, it no longer counts.
CREATE TABLE IF NOT EXISTS atlas.counted (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- never used again, and its rows never change
  partition oid NOT NULL,
  filenode oid NOT NULL,
  made_in text NOT NULL,
  items bigint NOT NULL,
  first timestamptz,
  last timestamptz,
  first_end timestamptz,
  last_end timestamptz,
  extent float8[],
  placed boolean NOT NULL, -- whether every Item is on the globe, and so in `counted_cells`
  paths text[] NOT NULL    -- the properties of `counted_values`, as SQL of their JSON value
);
ALTER TABLE atlas.counted ADD COLUMN IF NOT EXISTS noted_by xid; -- version of the trigger that notes changes
CREATE INDEX IF NOT EXISTS counted_partition_idx ON atlas.counted (partition);

-- The cell that holds the first vertex of an Item's geometry: [x, x + 1) / 4 and [y, y + 1) / 4 degrees. Of each row of
-- cells that hold some, how many Items it has up to there: two of them tell what lies between, however far that is.
CREATE TABLE IF NOT EXISTS atlas.counted_cells (
  counted bigint NOT NULL,
  y integer NOT NULL,
  x integer NOT NULL,
  upto bigint NOT NULL,
  PRIMARY KEY (counted, y, x) INCLUDE (upto)
);
CREATE TABLE IF NOT EXISTS atlas.counted_values (
  counted bigint NOT NULL,
  path text NOT NULL,
  value text NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (counted, path, value)
);

-- Partitions of which a row changed since they were counted. Not by deleting the count: writers would wait for each other.
CREATE TABLE IF NOT EXISTS atlas.changed (partition oid NOT NULL);
CREATE INDEX IF NOT EXISTS changed_partition_idx ON atlas.changed (partition);

GRANT SELECT ON atlas.counted, atlas.counted_cells, atlas.counted_values, atlas.changed TO pgstac_read;
GRANT ALL ON atlas.counted, atlas.counted_cells, atlas.counted_values, atlas.changed TO pgstac_admin;

-- The first position of a geometry, which is certainly part of it; null where there is none, or where it lies too deep.
CREATE OR REPLACE FUNCTION atlas.first_vertex(_geometry geometry) RETURNS geometry AS $$
  SELECT coalesce(ST_PointN(ST_ExteriorRing(_geometry), 1), CASE ST_Dimension(_geometry)
    WHEN 2 THEN ST_PointN(ST_ExteriorRing(ST_GeometryN(_geometry, 1)), 1)
    WHEN 1 THEN ST_PointN(ST_GeometryN(_geometry, 1), 1)
    ELSE CASE WHEN ST_GeometryType(ST_GeometryN(_geometry, 1)) = 'ST_Point' THEN ST_GeometryN(_geometry, 1) END
  END);
$$ LANGUAGE sql IMMUTABLE PARALLEL SAFE;

-- The database: a copy of it may give a table the number that another one has here.
CREATE OR REPLACE FUNCTION atlas.here() RETURNS text AS $$
  SELECT system_identifier || '.' || (SELECT oid FROM pg_database WHERE datname = current_database()) FROM pg_control_system();
$$ LANGUAGE sql STABLE;

-- What still holds of what was counted. A trigger that was dropped or switched off since, if only for a moment, may have
-- missed a change.
CREATE OR REPLACE FUNCTION atlas.counted_now() RETURNS SETOF atlas.counted AS $$
  SELECT k.* FROM atlas.counted k JOIN pg_class c ON c.oid = k.partition AND c.relfilenode = k.filenode
  JOIN pg_trigger t ON t.tgrelid = k.partition AND t.tgname = 'atlas_note_change' AND t.xmin = k.noted_by
  WHERE k.made_in = (SELECT atlas.here()) AND NOT EXISTS (SELECT FROM atlas.changed x WHERE x.partition = k.partition);
$$ LANGUAGE sql STABLE;

-- How many Items lie in a rectangle of cells, its last column and row included. With the settings of the function, whatever
-- those of the session: each end of a row is one step into the index.
CREATE OR REPLACE FUNCTION atlas.count_cells(_counted bigint[], _left int, _right int, _bottom int, _top int)
RETURNS bigint AS $$
BEGIN
  RETURN (SELECT coalesce(sum(
      coalesce((SELECT upto FROM atlas.counted_cells WHERE counted = k AND y = r AND x <= _right ORDER BY x DESC LIMIT 1), 0)
      - coalesce((SELECT upto FROM atlas.counted_cells WHERE counted = k AND y = r AND x < _left ORDER BY x DESC LIMIT 1), 0)
    ), 0) FROM unnest(_counted) AS k CROSS JOIN generate_series(_bottom, _top) AS r);
END;
$$ LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_indexscan = on SET enable_bitmapscan = off;

-- All tables that hold Items, with that of their Collection.
CREATE OR REPLACE FUNCTION atlas.parts_of_items() RETURNS TABLE (part oid, top oid) AS $$
  WITH RECURSIVE below AS (
    SELECT inhrelid AS part, inhrelid AS top FROM pg_inherits
    WHERE inhparent = 'pgstac.items'::regclass AND NOT inhdetachpending
    UNION ALL SELECT i.inhrelid, b.top FROM below b JOIN pg_inherits i ON i.inhparent = b.part AND NOT i.inhdetachpending
  ) SELECT part, top FROM below;
$$ LANGUAGE sql STABLE;

-- The same as a list: where it is the same, no Item can be in another table. Null where there
-- is none, or where not everybody may see all Items.
CREATE OR REPLACE FUNCTION atlas.tables_of_items() RETURNS oid[] AS $$
  SELECT CASE WHEN NOT bool_or(c.relrowsecurity OR whole.relrowsecurity) THEN array_agg(p.part ORDER BY p.part) END
  FROM atlas.parts_of_items() p JOIN pg_class c ON c.oid = p.part JOIN pg_class whole ON whole.oid = 'pgstac.items'::regclass;
$$ LANGUAGE sql STABLE;

-- For each row that is written. A transaction that reads what it sees now needs to tell only once; another one may not
-- see that the partition was counted since it began.
CREATE OR REPLACE FUNCTION atlas.note_change() RETURNS trigger AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed'
    OR EXISTS (SELECT FROM atlas.counted WHERE partition = TG_RELID)
    AND NOT EXISTS (SELECT FROM atlas.changed WHERE partition = TG_RELID)
  THEN
    INSERT INTO atlas.changed VALUES (TG_RELID);
  END IF;
  RETURN NULL;
END;
$$ LANGUAGE plpgsql SECURITY DEFINER SET search_path TO pg_catalog;

-- Begin the count of a partition: nothing of an earlier one is left, and from now on changes are noted. The caller holds a
-- lock that keeps writers away from it.
CREATE OR REPLACE FUNCTION atlas.begin_count(
  _partition regclass, _items bigint, _times timestamptz[], _box geometry, _placed boolean, _paths text[]
) RETURNS bigint AS $$
DECLARE
  made bigint;
BEGIN
  PERFORM atlas.forget_count(_partition);
  DELETE FROM atlas.changed WHERE partition = _partition;
  EXECUTE format('CREATE OR REPLACE TRIGGER atlas_note_change AFTER INSERT OR UPDATE OR DELETE ON %s '
    'FOR EACH ROW EXECUTE FUNCTION atlas.note_change()', _partition);
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER atlas_note_change', _partition);
  INSERT INTO atlas.counted
    (partition, filenode, made_in, items, first, last, first_end, last_end, extent, placed, paths, noted_by)
  VALUES (_partition, (SELECT relfilenode FROM pg_class WHERE oid = _partition), atlas.here(), _items,
    _times[1], _times[2], _times[3], _times[4], ARRAY[ST_XMin(_box), ST_YMin(_box), ST_XMax(_box), ST_YMax(_box)],
    _placed, _paths, (SELECT xmin FROM pg_trigger WHERE tgrelid = _partition AND tgname = 'atlas_note_change'))
  RETURNING id INTO made;
  RETURN made;
END;
$$ LANGUAGE plpgsql SET search_path FROM CURRENT;

CREATE OR REPLACE FUNCTION atlas.forget_count(_partition oid) RETURNS void AS $$
  DELETE FROM atlas.counted_cells WHERE counted IN (SELECT id FROM atlas.counted WHERE partition = _partition);
  DELETE FROM atlas.counted_values WHERE counted IN (SELECT id FROM atlas.counted WHERE partition = _partition);
  DELETE FROM atlas.counted WHERE partition = _partition;
$$ LANGUAGE sql;

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

CREATE OR REPLACE FUNCTION atlas.cells_in(_partition regclass) RETURNS TABLE (y integer, x integer, upto bigint) AS $$
BEGIN
  RETURN QUERY EXECUTE format($sql$
    SELECT y, x, (sum(count(*)) OVER (PARTITION BY y ORDER BY x))::bigint FROM (
      SELECT floor(ST_Y(v) * 4)::integer AS y, floor(ST_X(v) * 4)::integer AS x
      FROM (SELECT atlas.first_vertex(geometry) AS v FROM %s OFFSET 0) AS vertices) AS cells
    GROUP BY y, x $sql$, _partition);
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

-- Count a partition that is there already.
CREATE OR REPLACE FUNCTION atlas.count_partition(_partition regclass, _names text[]) RETURNS void AS $$
DECLARE
  asked text[] := ARRAY(SELECT q.path FROM unnest(_names) AS n CROSS JOIN LATERAL pgstac.queryable(n) AS q WHERE q.registered);
  seen record;
  made bigint;
BEGIN
  SELECT * INTO seen FROM atlas.seen_in(_partition, false);
  made := atlas.begin_count(_partition, seen.items, seen.times, seen.extent, seen.placed, asked);
  IF seen.placed THEN
    INSERT INTO atlas.counted_cells SELECT made, y, x, upto FROM atlas.cells_in(_partition) ORDER BY y, x;
  END IF;
  INSERT INTO atlas.counted_values
    SELECT made, path, value, n FROM unnest(asked) AS path CROSS JOIN LATERAL atlas.values_in(_partition, path);
END;
$$ LANGUAGE plpgsql SET search_path FROM CURRENT;

-- Whether what was counted is not what a partition holds. Reads every row.
CREATE OR REPLACE FUNCTION atlas.is_miscounted(_counted bigint) RETURNS boolean AS $$
  SELECT k.items <> s.items
    OR ARRAY[k.first, k.last, k.first_end, k.last_end] IS DISTINCT FROM s.times
    OR k.extent IS DISTINCT FROM ARRAY[ST_XMin(s.extent), ST_YMin(s.extent), ST_XMax(s.extent), ST_YMax(s.extent)]
    OR k.placed AND EXISTS (
      SELECT FROM (SELECT y, x, upto FROM atlas.counted_cells WHERE counted = k.id) AS a
      FULL JOIN atlas.cells_in(k.partition) AS b USING (y, x, upto) WHERE a IS NULL OR b IS NULL)
    OR EXISTS (
      SELECT FROM (SELECT path, value, n FROM atlas.counted_values WHERE counted = k.id) AS a
      FULL JOIN (SELECT p AS path, v.* FROM unnest(k.paths) AS p CROSS JOIN LATERAL atlas.values_in(k.partition, p) AS v) AS b
        USING (path, value, n) WHERE a IS NULL OR b IS NULL)
  FROM atlas.counted k CROSS JOIN LATERAL atlas.seen_in(k.partition, true) AS s WHERE k.id = _counted;
$$ LANGUAGE sql STABLE SET search_path FROM CURRENT;
