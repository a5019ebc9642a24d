-- What the atlas itself remembers in a database: which of these files were applied, and what was loaded from where.
CREATE SCHEMA IF NOT EXISTS atlas;

CREATE TABLE IF NOT EXISTS atlas.state (
  key text PRIMARY KEY,
  value text NOT NULL
);

-- One row per partition that `atlas load` wrote, with the indexes that its crawls read. `written_by` is the transaction that wrote every one of its rows:
-- while the rows still count the same and none has another xmin, nobody has changed the partition since.
CREATE TABLE IF NOT EXISTS atlas.loaded_partitions (
  collection text NOT NULL,
  partition text NOT NULL,
  sources text[] NOT NULL,
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

-- Layouts of before the first release had no `sources`: one crawl filled a Collection, whichever index it had read, so its
-- partitions belong to the next load of the Collection, which writes them anew.
ALTER TABLE atlas.loaded_partitions ADD COLUMN IF NOT EXISTS sources text[] NOT NULL DEFAULT '{}';
ALTER TABLE atlas.loaded_partitions ALTER COLUMN sources DROP DEFAULT;
DO $do$
BEGIN
  IF to_regclass('atlas.loads') IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = to_regclass('atlas.loads') AND attname = 'sources'
  ) THEN
    DROP TABLE atlas.loads; -- the rejected rows, which the next load finds again
  END IF;
END;
$do$;

-- The last load of a Collection from certain indexes: the Collection that it wrote, and the rows that it rejected, by part.
CREATE TABLE IF NOT EXISTS atlas.loads (
  collection text NOT NULL,
  sources text[] NOT NULL,
  document jsonb NOT NULL,
  set_aside jsonb NOT NULL,
  loaded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (collection, sources)
);
GRANT SELECT ON atlas.loads TO pgstac_read;
GRANT ALL ON atlas.loads TO pgstac_admin;
