-- Collections whose Items left the database: where the parts lie that hold them, and what is known of these. While
-- `is_cold` is false the Items are in the database still, and the API is being told that they are about to leave.
CREATE TABLE IF NOT EXISTS atlas.cold (
  collection text PRIMARY KEY,
  is_cold boolean NOT NULL,
  folders jsonb NOT NULL,
  seen jsonb NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE atlas.cold ADD COLUMN IF NOT EXISTS id_buckets integer NOT NULL DEFAULT 0;
GRANT SELECT ON atlas.cold TO pgstac_read;
GRANT ALL ON atlas.cold TO pgstac_admin;

-- Deleting a Collection deletes its row here, so that a later Collection of the same id is not taken for it.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'atlas.cold'::regclass AND conname = 'cold_collection') THEN
    DELETE FROM atlas.cold c WHERE NOT EXISTS (SELECT FROM pgstac.collections o WHERE o.id = c.collection);
    ALTER TABLE atlas.cold ADD CONSTRAINT cold_collection FOREIGN KEY (collection)
      REFERENCES pgstac.collections (id) ON DELETE CASCADE;
  END IF;
END;
$$;

-- The row group of each Item by its id, see atlas/store/cold/ids.py; no rows where `id_buckets` is 0.
CREATE TABLE IF NOT EXISTS atlas.cold_ids (
  collection text REFERENCES atlas.cold ON DELETE CASCADE,
  bucket integer,
  entries bytea NOT NULL,
  PRIMARY KEY (collection, bucket)
);
ALTER TABLE atlas.cold_ids ALTER COLUMN entries SET STORAGE EXTERNAL; -- hashes cannot be compressed
GRANT SELECT ON atlas.cold_ids TO pgstac_read;
GRANT ALL ON atlas.cold_ids TO pgstac_admin;

-- Whether Items may be written to a Collection: not where its Items lie in parts. Until the end of the transaction that
-- asks, the Collection does not leave the database.
CREATE OR REPLACE FUNCTION atlas.takes_items(_collection text) RETURNS boolean AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('atlas.cold/' || _collection, 0));
  -- in a separate statement, so that it sees what was committed while the lock was waited for
  RETURN NOT EXISTS (SELECT FROM atlas.cold WHERE collection = _collection AND is_cold);
END;
$$ LANGUAGE plpgsql VOLATILE STRICT;
