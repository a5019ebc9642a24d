-- How many Items a partition holds, in each cell of a grid and of each value of a property that thousands share, so that
-- `numberMatched` need not visit each of them. What is counted here holds for the rows of one table at one moment: as soon
-- as a row changes, the table gets other files, or all this comes into another database, it no longer counts.
CREATE TABLE IF NOT EXISTS atlas.counted (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- never used again, and its row does not change once it is committed
  partition oid NOT NULL,
  filenode oid NOT NULL,
  made_in text NOT NULL,
  items bigint NOT NULL,
  first timestamptz,
  last timestamptz,
  first_end timestamptz,
  last_end timestamptz,
  extent float8[],
  placed boolean NOT NULL, -- whether every Item is on the globe, and so in `counted_rows`
  paths text[] NOT NULL    -- the properties of `counted_values`, as SQL of their JSON value
);
ALTER TABLE atlas.counted DROP COLUMN IF EXISTS noted_by; -- of an earlier version
-- Whether its Items are tiles of a lattice in degrees: rectangles between the edges of columns, west and east, and rows,
-- south and north, all four in ascending order. Unknown where an earlier version counted.
ALTER TABLE atlas.counted ADD COLUMN IF NOT EXISTS lattice boolean;
ALTER TABLE atlas.counted ADD COLUMN IF NOT EXISTS west float8[];
ALTER TABLE atlas.counted ADD COLUMN IF NOT EXISTS south float8[];
ALTER TABLE atlas.counted ADD COLUMN IF NOT EXISTS east float8[];
ALTER TABLE atlas.counted ADD COLUMN IF NOT EXISTS north float8[];
ALTER TABLE atlas.counted ALTER west SET STORAGE EXTERNAL, ALTER south SET STORAGE EXTERNAL,
  ALTER east SET STORAGE EXTERNAL, ALTER north SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS counted_partition_idx ON atlas.counted (partition);

-- The cell of an Item: column and row of the lattice, from 0 on, or those of [x, x + 1) / 4 and [y, y + 1) / 4 degrees that
-- hold the first vertex of its geometry. Of each row, how many Items it has up to a cell: from x until the next x of the
-- row, that is upto + step * (column - x). Two of them tell what lies between, however far that is. The same of bands of
-- eight rows, numbered from 1,000,000 on: a rectangle is some of these and the rows above and below them.
CREATE TABLE IF NOT EXISTS atlas.counted_rows (
  counted bigint NOT NULL,
  y integer NOT NULL,
  x integer NOT NULL,
  upto bigint NOT NULL,
  step bigint NOT NULL,
  PRIMARY KEY (counted, y, x) INCLUDE (upto, step)
);
DROP TABLE IF EXISTS atlas.counted_cells; -- of an earlier version
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

GRANT SELECT ON atlas.counted, atlas.counted_rows, atlas.counted_values, atlas.changed TO pgstac_read;
GRANT ALL ON atlas.counted, atlas.counted_rows, atlas.counted_values, atlas.changed TO pgstac_admin;

DROP FUNCTION IF EXISTS atlas.begin_count(regclass, bigint, timestamptz[], geometry, boolean, text[]),
  atlas.cells_in(regclass); -- of an earlier version

-- The first position of a geometry, which is certainly part of it; null where there is none, or where it lies too deep.
CREATE OR REPLACE FUNCTION atlas.first_vertex(_geometry geometry) RETURNS geometry AS $$
  SELECT coalesce(ST_PointN(ST_ExteriorRing(_geometry), 1), CASE ST_Dimension(_geometry)
    WHEN 2 THEN ST_PointN(ST_ExteriorRing(ST_GeometryN(_geometry, 1)), 1)
    WHEN 1 THEN ST_PointN(ST_GeometryN(_geometry, 1), 1)
    ELSE CASE WHEN ST_GeometryType(ST_GeometryN(_geometry, 1)) = 'ST_Point' THEN ST_GeometryN(_geometry, 1) END
  END);
$$ LANGUAGE sql IMMUTABLE PARALLEL SAFE;

-- The database: a copy of it may give a table the number that another one has here.
-- (Here and below, a function in PL/pgSQL is planned once in a session, one in SQL at each call.)
CREATE OR REPLACE FUNCTION atlas.here() RETURNS text AS $$
BEGIN
  RETURN (SELECT system_identifier || '.' || (SELECT oid FROM pg_database WHERE datname = current_database())
    FROM pg_control_system());
END;
$$ LANGUAGE plpgsql STABLE;

-- What still holds of what was counted: the transaction that wrote it made the trigger that notes changes, as it is now. One
-- that was dropped or switched off since, if only for a moment, may have missed a change, as have rows that were put back
-- from a dump. An UNLOGGED table is empty after a crash, one of Items as well as those here.
CREATE OR REPLACE FUNCTION atlas.counted_now() RETURNS SETOF atlas.counted AS $$
  SELECT k.* FROM atlas.counted k
  JOIN pg_class c ON c.oid = k.partition AND c.relfilenode = k.filenode AND c.relpersistence = 'p'
  JOIN pg_trigger t ON t.tgrelid = k.partition AND t.tgname = 'atlas_note_change' AND t.xmin = k.xmin
  WHERE k.lattice IS NOT NULL AND k.made_in = (SELECT atlas.here())
    AND NOT EXISTS (SELECT FROM atlas.changed x WHERE x.partition = k.partition)
    AND NOT EXISTS (SELECT FROM pg_class WHERE relpersistence <> 'p' AND oid IN ('atlas.changed'::regclass,
      'atlas.counted'::regclass, 'atlas.counted_rows'::regclass, 'atlas.counted_values'::regclass));
$$ LANGUAGE sql STABLE;

-- Number of the band of a row of cells.
CREATE OR REPLACE FUNCTION atlas.band(_row int) RETURNS int AS $$ SELECT 1000000 + (_row >> 3); $$ LANGUAGE sql IMMUTABLE;

-- How many Items lie in a rectangle of cells, its last column and row included. With the settings of the function, whatever
-- those of the session: each end of a row is one step into the index.
CREATE OR REPLACE FUNCTION atlas.count_cells(_counted bigint[], _left int, _right int, _bottom int, _top int)
RETURNS bigint AS $$
DECLARE
  first int := atlas.band(_bottom + 7); -- the bands that lie in it as a whole
  last int := atlas.band(_top + 1) - 1;
  below int := _top;
  above int := _top + 1;
BEGIN
  IF first <= last THEN
    below := (first - atlas.band(0)) * 8 - 1;
    above := (last + 1 - atlas.band(0)) * 8;
  END IF;
  RETURN (SELECT coalesce(sum(
      coalesce((SELECT upto + step * (_right - x) FROM atlas.counted_rows
        WHERE counted = k AND y = r AND x <= _right ORDER BY x DESC LIMIT 1), 0)
      - coalesce((SELECT upto + step * (_left - 1 - x) FROM atlas.counted_rows
        WHERE counted = k AND y = r AND x < _left ORDER BY x DESC LIMIT 1), 0)
    ), 0) FROM unnest(_counted) AS k CROSS JOIN (SELECT generate_series(_bottom, below)
      UNION ALL SELECT generate_series(above, _top) UNION ALL SELECT generate_series(first, last)) AS rows (r));
END;
$$ LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_indexscan = on SET enable_bitmapscan = off;

-- How many tiles of lattices meet one of some boxes: tiles and boxes are rectangles along the axes, so these are all of some
-- columns and rows. All boxes have the same south and north edge; they are sorted by the west one, and a column that meets
-- two is counted with the first. West and south are the last numbers before these edges.
CREATE OR REPLACE FUNCTION atlas.count_tiles(
  _counted bigint[], _west float8[], _south float8, _east float8[], _north float8
) RETURNS bigint AS $$
BEGIN
  RETURN (SELECT coalesce(sum(atlas.count_cells(ARRAY[id], l, r, bottom, top)), 0) FROM (
    SELECT k.id, greatest(l, 1 + max(r) OVER (PARTITION BY k.id ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
      r, bottom, top
    FROM atlas.counted k
    CROSS JOIN LATERAL (SELECT width_bucket(_south, k.north), width_bucket(_north, k.south) - 1 OFFSET 0) AS v (bottom, top)
    CROSS JOIN LATERAL (SELECT n, width_bucket(w, k.east), width_bucket(e, k.west) - 1
      FROM unnest(_west, _east) WITH ORDINALITY AS box (w, e, n)) AS h (n, l, r)
    WHERE k.id = ANY (_counted)) AS c (id, l, r, bottom, top) WHERE l <= r AND bottom <= top);
END;
$$ LANGUAGE plpgsql STABLE;

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
BEGIN
  RETURN (
    SELECT CASE WHEN NOT bool_or(c.relrowsecurity OR whole.relrowsecurity) THEN array_agg(p.part ORDER BY p.part) END
    FROM atlas.parts_of_items() p
    JOIN pg_class c ON c.oid = p.part JOIN pg_class whole ON whole.oid = 'pgstac.items'::regclass);
END;
$$ LANGUAGE plpgsql STABLE;

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
  _partition regclass, _items bigint, _times timestamptz[], _box geometry, _placed boolean, _paths text[],
  _west float8[], _south float8[], _east float8[], _north float8[]
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
    (partition, filenode, made_in, items, first, last, first_end, last_end, extent, placed, paths, lattice, west, south,
      east, north)
  VALUES (_partition, (SELECT relfilenode FROM pg_class WHERE oid = _partition), atlas.here(), _items,
    _times[1], _times[2], _times[3], _times[4], ARRAY[ST_XMin(_box), ST_YMin(_box), ST_XMax(_box), ST_YMax(_box)],
    _placed, _paths, _west IS NOT NULL, _west, _south, _east, _north)
  RETURNING id INTO made;
  -- what is left where somebody emptied `counted` alone and its numbers begin anew
  DELETE FROM atlas.counted_rows WHERE counted = made;
  DELETE FROM atlas.counted_values WHERE counted = made;
  RETURN made;
END;
$$ LANGUAGE plpgsql SET search_path FROM CURRENT;

CREATE OR REPLACE FUNCTION atlas.forget_count(_partition oid) RETURNS void AS $$
  DELETE FROM atlas.counted_rows WHERE counted IN (SELECT id FROM atlas.counted WHERE partition = _partition);
  DELETE FROM atlas.counted_values WHERE counted IN (SELECT id FROM atlas.counted WHERE partition = _partition);
  DELETE FROM atlas.counted WHERE partition = _partition;
$$ LANGUAGE sql;
