-- Collections whose Items left the database: where the parts lie that hold them, and what is known of these. While
-- `is_cold` is false the Items are in the database still, and the API is being told that they are about to leave.
CREATE TABLE IF NOT EXISTS atlas.cold (
  collection text PRIMARY KEY,
  is_cold boolean NOT NULL,
  folders jsonb NOT NULL,
  seen jsonb NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON atlas.cold TO pgstac_read;
GRANT ALL ON atlas.cold TO pgstac_admin;

-- Whether Items may be written to a Collection: not where its Items lie in parts. Until the end of the transaction that
-- asks, the Collection does not leave the database.
CREATE OR REPLACE FUNCTION atlas.takes_items(_collection text) RETURNS boolean AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('atlas.cold/' || _collection, 0));
  -- in a statement of its own, so that it sees what was committed while the lock was waited for
  RETURN NOT EXISTS (SELECT FROM atlas.cold WHERE collection = _collection AND is_cold);
END;
$$ LANGUAGE plpgsql VOLATILE STRICT;
