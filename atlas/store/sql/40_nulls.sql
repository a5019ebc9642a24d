-- pgstac 0.10.0 drops every null of an Item that is written through its functions (jsonb_strip_nulls), and takes a null
-- for "as in the Collection" when it puts the Item together again. A null that was sent is a statement (proj:code: null
-- says that no code exists): here it is stored and comes back. What a base item has and an Item has not is marked, nulls
-- of the base item too. OFFSET 0 keeps the planner from evaluating the recursion twice at each level.
CREATE OR REPLACE FUNCTION pgstac.strip_jsonb(_a jsonb, _b jsonb) RETURNS jsonb AS $$
  SELECT CASE
    WHEN _a IS NULL AND _b IS NOT NULL THEN '"𒍟※"'::jsonb
    WHEN _b IS NULL THEN _a
    WHEN _a = _b AND jsonb_typeof(_a) = 'object' THEN '{}'::jsonb
    WHEN _a = _b THEN NULL
    WHEN jsonb_typeof(_a) = 'object' AND jsonb_typeof(_b) = 'object' THEN (
      SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM (
        SELECT key, pgstac.strip_jsonb(a.value, b.value) AS value
        FROM jsonb_each(_a) AS a FULL JOIN jsonb_each(_b) AS b USING (key) OFFSET 0
      ) AS members WHERE value IS NOT NULL
    )
    WHEN jsonb_typeof(_a) = 'array' AND jsonb_typeof(_b) = 'array' AND jsonb_array_length(_a) = jsonb_array_length(_b)
    THEN (
      SELECT jsonb_agg(coalesce(pgstac.strip_jsonb(a.value, b.value), a.value) ORDER BY ordinality)
      FROM jsonb_array_elements(_a) WITH ORDINALITY AS a (value, ordinality)
      JOIN jsonb_array_elements(_b) WITH ORDINALITY AS b (value, ordinality) USING (ordinality)
    )
    ELSE _a
  END;
$$ LANGUAGE sql IMMUTABLE;

CREATE OR REPLACE FUNCTION pgstac.merge_jsonb(_a jsonb, _b jsonb) RETURNS jsonb AS $$
  SELECT CASE
    WHEN _a = '"𒍟※"'::jsonb THEN NULL
    WHEN _a IS NULL THEN nullif(_b, 'null')
    WHEN jsonb_typeof(_a) = 'object' AND jsonb_typeof(_b) = 'object' THEN (
      SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM (
        SELECT key, pgstac.merge_jsonb(a.value, b.value) AS value
        FROM jsonb_each(_a) AS a FULL JOIN jsonb_each(_b) AS b USING (key) OFFSET 0
      ) AS members WHERE value IS NOT NULL
    )
    WHEN jsonb_typeof(_a) = 'array' AND jsonb_typeof(_b) = 'array' AND jsonb_array_length(_a) = jsonb_array_length(_b)
    THEN (
      SELECT jsonb_agg(pgstac.merge_jsonb(a.value, b.value) ORDER BY ordinality)
      FROM jsonb_array_elements(_a) WITH ORDINALITY AS a (value, ordinality)
      JOIN jsonb_array_elements(_b) WITH ORDINALITY AS b (value, ordinality) USING (ordinality)
    )
    ELSE _a
  END;
$$ LANGUAGE sql IMMUTABLE;
