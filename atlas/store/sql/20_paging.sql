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
