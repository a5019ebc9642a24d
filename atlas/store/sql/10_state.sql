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
