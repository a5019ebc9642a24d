-- pgstac's own function for the time of an Item, but digits beyond microseconds are cut off: rounded, the last instant of
-- a year would become the first of the next.
CREATE OR REPLACE FUNCTION pgstac.stac_daterange(value jsonb) RETURNS tstzrange AS $$
DECLARE
  -- an Item, or its properties, one of which may be called `properties`
  stated jsonb := CASE WHEN jsonb_typeof(value->'properties') = 'object' THEN value->'properties' ELSE value END;
  first timestamptz := atlas.cut(stated->>'start_datetime')::timestamptz;
  last timestamptz := atlas.cut(stated->>'end_datetime')::timestamptz;
BEGIN
  IF first IS NULL OR last IS NULL THEN
    first := atlas.cut(stated->>'datetime')::timestamptz;
    last := first;
  END IF;
  IF first IS NULL THEN
    RAISE EXCEPTION 'An Item needs a datetime, or both start_datetime and end_datetime.';
  ELSIF first > last THEN
    RAISE EXCEPTION 'start_datetime lies after end_datetime.';
  END IF;
  RETURN tstzrange(first, last, '[]');
END;
$$ LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET TimeZone TO 'UTC';
