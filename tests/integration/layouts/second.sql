-- What the atlas itself remembers in a database: which of these files were applied, and what was loaded from where.
CREATE SCHEMA IF NOT EXISTS atlas;

CREATE TABLE IF NOT EXISTS atlas.state (
  key text PRIMARY KEY,
  value text NOT NULL
);

-- One row per partition that `atlas load` wrote. `written_by` is the transaction that wrote every one of its rows:
-- while the rows still count the same and none has another xmin, nobody has changed the partition since.
CREATE TABLE IF NOT EXISTS atlas.loaded_partitions (
  collection text NOT NULL,
  partition text NOT NULL,
  fingerprint text NOT NULL,
  row_count bigint NOT NULL,
  written_by xid NOT NULL,
  loaded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (collection, partition)
);

GRANT USAGE ON SCHEMA atlas TO pgstac_read;
GRANT ALL ON SCHEMA atlas TO pgstac_admin;
GRANT SELECT ON ALL TABLES IN SCHEMA atlas TO pgstac_read;
GRANT ALL ON ALL TABLES IN SCHEMA atlas TO pgstac_admin;

-- What the last load of a Collection had to set aside, by part: unchanged parts are not read again.
CREATE TABLE IF NOT EXISTS atlas.loads (
  collection text PRIMARY KEY,
  set_aside jsonb NOT NULL,
  loaded_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON atlas.loads TO pgstac_read;
GRANT ALL ON atlas.loads TO pgstac_admin;

-- pgstac 0.10.0 looks a paging token's item up with `id = convert_from(...)`. convert_from takes its collation from
-- its argument of type `name`, which is "C", so no index of the partitions can serve the comparison and each further
-- page reads every partition. Text variables have the database's own collation: the same lookup through the index.
CREATE OR REPLACE FUNCTION pgstac.get_token_record(IN _token text, OUT prev boolean, OUT item pgstac.items)
RETURNS record AS $$
DECLARE
  fields text[] := regexp_match(lower(_token), '^(next|prev):((?:[0-9a-f]{2})+):((?:[0-9a-f]{2})+)$');
  wanted_collection text;
  wanted_id text;
BEGIN
  IF fields IS NULL THEN
    RAISE EXCEPTION 'Invalid paging token: %', _token;
  END IF;
  prev := fields[1] = 'prev';
  wanted_collection := convert_from(decode(fields[2], 'hex'), 'UTF8');
  wanted_id := convert_from(decode(fields[3], 'hex'), 'UTF8');
  SELECT * INTO item FROM pgstac.items WHERE collection = wanted_collection AND id = wanted_id;
  IF item IS NULL THEN
    RAISE EXCEPTION 'Could not find item using token: %', _token;
  END IF;
END;
$$ LANGUAGE plpgsql STABLE STRICT;

-- The default order of a search. Annual products give a whole partition one datetime, so without `collection` and `id`
-- in the index every page sorts all of it. The template is where pgstac keeps what each partition's indexes should be:
-- an index that is not on it would count as an orphan and be dropped by maintain_partitions.
CREATE INDEX IF NOT EXISTS items_annual_idx ON pgstac.items (datetime DESC, collection DESC, id DESC);
CREATE INDEX IF NOT EXISTS items_annual_template_idx
  ON pgstac.queryable_index_template (datetime DESC, collection DESC, id DESC);

