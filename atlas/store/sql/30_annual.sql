-- The default order of a search. Annual products give a whole partition one datetime, so without `collection` and `id`
-- in the index every page sorts all of it. The template is where pgstac keeps what each partition's indexes should be:
-- an index that is not on it would count as an orphan and be dropped by maintain_partitions.
CREATE INDEX IF NOT EXISTS items_annual_idx ON pgstac.items (datetime DESC, collection DESC, id DESC);
CREATE INDEX IF NOT EXISTS items_annual_template_idx
  ON pgstac.queryable_index_template (datetime DESC, collection DESC, id DESC);

-- Items whose `datetime` is not both ends of their time: few products have any, and without this index every filter and
-- sort by `datetime` would read it from the document.
CREATE INDEX IF NOT EXISTS items_nominal_idx ON pgstac.items (collection)
  WHERE jsonb_typeof(content->'properties'->'datetime') = 'string'
    AND (datetime <> end_datetime OR content->'properties'->'start_datetime' <> content->'properties'->'datetime');
CREATE INDEX IF NOT EXISTS items_nominal_template_idx ON pgstac.queryable_index_template (collection)
  WHERE jsonb_typeof(content->'properties'->'datetime') = 'string'
    AND (datetime <> end_datetime OR content->'properties'->'start_datetime' <> content->'properties'->'datetime');

-- A property that many Items of a partition share, in the default order: without it PostgreSQL walks the order above and
-- reads each Item until enough match, which is most of a partition where those that match sort last, or sorts all that
-- match. On `items` and on the template like the index above; the name follows how pgstac reads the property.
CREATE OR REPLACE FUNCTION atlas.index_in_order(_names text[]) RETURNS void AS $$
DECLARE
  wanted text[] := ARRAY(SELECT q.expression FROM unnest(_names) n CROSS JOIN LATERAL pgstac.queryable(n) q ORDER BY 1);
  stale regclass;
  one text;
  parent text;
  name text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['items', 'queryable_index_template'] LOOP
    FOR stale IN
      SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = format('pgstac.%I', parent)::regclass AND c.relname ~ '_in_order_[0-9a-f]{8}$'
        AND right(c.relname, 8) <> ALL (ARRAY(SELECT left(md5(w), 8) FROM unnest(wanted) w))
    LOOP
      EXECUTE format('DROP INDEX %s', stale);
    END LOOP;
    FOREACH one IN ARRAY wanted LOOP
      name := format('%s_in_order_%s', parent, left(md5(one), 8));
      IF to_regclass(format('pgstac.%I', name)) IS NULL THEN
        EXECUTE format('CREATE INDEX %I ON pgstac.%I ((%s), datetime DESC, collection DESC, id DESC)', name, parent, one);
      END IF;
    END LOOP;
  END LOOP;
END;
$$ LANGUAGE plpgsql SECURITY DEFINER SET search_path TO pgstac, public;
REVOKE EXECUTE ON FUNCTION atlas.index_in_order(text[]) FROM public;
GRANT EXECUTE ON FUNCTION atlas.index_in_order(text[]) TO pgstac_ingest;
