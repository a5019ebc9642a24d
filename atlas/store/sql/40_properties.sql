-- Queryables follow the data: a property that Items have and that nobody registered becomes a queryable of their
-- Collection, with the JSON types that its values have. `_kinds` maps names to these types: {"my:thing": ["number"]}.

-- Whole numbers are numbers: pgstac would compare an integer property with 1.5 as with 1.
CREATE OR REPLACE FUNCTION atlas.kinds_schema(_kinds text[]) RETURNS jsonb AS $$
  SELECT CASE cardinality(_kinds)
    WHEN 1 THEN jsonb_build_object('type', _kinds[1])
    ELSE jsonb_build_object('anyOf', (SELECT jsonb_agg(jsonb_build_object('type', k) ORDER BY k) FROM unnest(_kinds) k))
  END;
$$ LANGUAGE SQL IMMUTABLE STRICT;

-- The types of a schema that states nothing else, as the ones above do; NULL of any other.
CREATE OR REPLACE FUNCTION atlas.schema_kinds(_definition jsonb) RETURNS text[] AS $$
  SELECT CASE
    WHEN _definition - 'type' = '{}' AND jsonb_typeof(_definition->'type') = 'string' THEN ARRAY[_definition->>'type']
    WHEN _definition - 'anyOf' = '{}' THEN ARRAY(SELECT k->>'type' FROM jsonb_array_elements(_definition->'anyOf') k)
  END;
$$ LANGUAGE SQL IMMUTABLE STRICT;

-- Properties that are not registered yet (`id` is null), or with fewer types than they have now.
CREATE OR REPLACE FUNCTION atlas.unknown_kinds(_collection text, _kinds jsonb)
RETURNS TABLE (id bigint, name text, kinds text[]) AS $$
  SELECT q.id, f.name, ARRAY(SELECT DISTINCT k FROM unnest(f.kinds || atlas.schema_kinds(q.definition)) k ORDER BY k)
  FROM (
    SELECT e.key AS name, ARRAY(SELECT DISTINCT k FROM jsonb_array_elements_text(e.value) k WHERE k <> 'null') AS kinds
    FROM jsonb_each(_kinds) e
    WHERE pgstac.queryable_column(e.key) IS NULL
      AND btrim(e.key) NOT IN ('', 'properties') AND e.key NOT LIKE 'properties.%'
  ) f
  LEFT JOIN pgstac.queryables q
    ON q.name = f.name AND (q.collection_ids IS NULL OR _collection = ANY (q.collection_ids))
  WHERE f.kinds <> '{}'
    AND (q.id IS NULL
      OR q.collection_ids = ARRAY[_collection] AND NOT f.kinds <@ atlas.schema_kinds(q.definition));
$$ LANGUAGE SQL STABLE;

CREATE OR REPLACE FUNCTION atlas.learn_kinds(_collection text, _kinds jsonb) RETURNS void AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM atlas.unknown_kinds(_collection, _kinds)) THEN
    RETURN;
  END IF;
  -- Two writers of one new property would both insert it; with the lock the second sees the first one's row.
  PERFORM pg_advisory_xact_lock(hashtext('atlas.kinds'));
  -- Each as one statement: pgstac looks at all partitions of the Collection after every one. Values of several types
  -- are read as text.
  UPDATE pgstac.queryables q
  SET definition = atlas.kinds_schema(u.kinds), property_wrapper = CASE WHEN cardinality(u.kinds) > 1 THEN 'to_text' END
  FROM atlas.unknown_kinds(_collection, _kinds) u WHERE q.id = u.id;
  INSERT INTO pgstac.queryables (name, definition, property_wrapper, collection_ids, property_path)
  SELECT u.name, atlas.kinds_schema(u.kinds), CASE WHEN cardinality(u.kinds) > 1 THEN 'to_text' END, ARRAY[_collection],
    -- else pgstac takes a dot for a step into an object, and a property named like a member of the Item for that member
    CASE WHEN strpos(u.name, '.') > 0 OR pgstac.queryable_path_elements(u.name) = ARRAY[u.name]
      THEN ARRAY['properties', u.name] END
  FROM atlas.unknown_kinds(_collection, _kinds) u WHERE u.id IS NULL ORDER BY u.name;
END;
$$ LANGUAGE plpgsql SET search_path TO pgstac, public;

-- The exact number that a property holds: null where its value has another type, so that no row can make a search fail.
-- An earlier release returned float8.
DO $do$
BEGIN
  IF EXISTS (SELECT FROM pg_proc WHERE oid = to_regprocedure('atlas.as_number(jsonb)') AND prorettype <> 'numeric'::regtype)
  THEN
    DROP FUNCTION atlas.as_number(jsonb);
  END IF;
END;
$do$;
CREATE OR REPLACE FUNCTION atlas.as_number(_value jsonb) RETURNS numeric AS $$
  SELECT CASE WHEN jsonb_typeof(_value) = 'number' THEN (_value)::numeric END;
$$ LANGUAGE SQL IMMUTABLE PARALLEL SAFE;

-- A time as it is stored, in microseconds: PostgreSQL would round 23:59:59.9999999 up to the next year.
CREATE OR REPLACE FUNCTION atlas.cut(_time text) RETURNS text AS $$
  SELECT regexp_replace(_time, '(\.\d{6})\d+', '\1');
$$ LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE;

-- The time that a property holds: null where its value is not one.
CREATE OR REPLACE FUNCTION atlas.as_time(_value jsonb) RETURNS timestamptz AS $$
BEGIN
  RETURN CASE WHEN jsonb_typeof(_value) = 'string' AND _value #>> '{}' ~ '^\d{4}-\d'
    THEN atlas.cut(_value #>> '{}')::timestamptz END;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END;
$$ LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE;

-- The same for Items that are written.
CREATE OR REPLACE FUNCTION atlas.learn_items(_items jsonb) RETURNS void AS $$
  SELECT atlas.learn_kinds(p.collection, jsonb_object_agg(p.key, p.kinds))
  FROM (
    SELECT i->>'collection' AS collection, e.key, jsonb_agg(DISTINCT jsonb_typeof(e.value)) AS kinds
    FROM jsonb_array_elements(_items) i, jsonb_each(i->'properties') e
    GROUP BY 1, 2
  ) p
  GROUP BY p.collection;
$$ LANGUAGE SQL;

-- pgstac 0.10.0 compares the indexes of all partitions with all queryables after each change of a queryable. It builds
-- what is missing and nothing else, and a queryable without a reference index wants none: then there is nothing to see.
CREATE OR REPLACE FUNCTION pgstac.queryables_trigger_func() RETURNS TRIGGER AS $$
DECLARE
  concerned text[] := ARRAY(
    SELECT DISTINCT c FROM new_rows n
    JOIN pgstac.queryables q ON q.id = n.id AND pgstac.reference_index(q) IS NOT NULL
    CROSS JOIN LATERAL unnest(coalesce(n.collection_ids, ARRAY[NULL])) c
  );
BEGIN
  IF array_position(concerned, NULL) IS NOT NULL THEN
    PERFORM pgstac.maintain_partitions();
  ELSE
    PERFORM pgstac.maintain_partitions(format('_items_%s', key))
    FROM pgstac.collections
    WHERE id = ANY (concerned) AND to_regclass(format('pgstac._items_%s', key)) IS NOT NULL;
  END IF;
  RETURN NULL;
END;
$$ LANGUAGE plpgsql;
