-- pgstac 0.10.0 reads the first four numbers of the first box: the wrong ones of a box with heights, and the rest of the
-- globe for a box that crosses the antimeridian. By STAC the first of several boxes is the overall extent and the others
-- are its parts: the parts are searched; where the first does not contain the others, all boxes are.
CREATE OR REPLACE FUNCTION pgstac.collection_geom(content jsonb) RETURNS geometry AS $$
  WITH numbers AS (
    SELECT ordinality, (b->>0)::float AS west, (b->>1)::float AS south,
           (b->>(n / 2))::float AS east, (b->>(n / 2 + 1))::float AS north
    FROM jsonb_path_query(content, 'strict $.extent.spatial.bbox[*] ? (@.type() == "array")', silent => true)
      WITH ORDINALITY AS t (b, ordinality)
    CROSS JOIN LATERAL (SELECT jsonb_array_length(b) AS n) AS l WHERE n IN (4, 6)
  ), pieces AS (
    SELECT ordinality, west, south, CASE WHEN west <= east THEN east ELSE 180 END AS east, north FROM numbers
    UNION ALL SELECT ordinality, -180, south, east, north FROM numbers WHERE west > east
  ), boxes AS (
    -- A polygon needs an area: a box without one is a line or a point.
    SELECT ordinality, CASE
        WHEN west < east AND south < north THEN ST_MakeEnvelope(west, south, east, north, 4326)
        WHEN west = east AND south = north THEN ST_SetSRID(ST_MakePoint(west, south), 4326)
        ELSE ST_SetSRID(ST_MakeLine(ST_MakePoint(west, south), ST_MakePoint(east, north)), 4326)
      END AS box
    FROM pieces
  ), judged AS (
    SELECT box, ordinality = 1 AND EXISTS (SELECT FROM boxes WHERE ordinality > 1) AND NOT EXISTS (
      SELECT FROM boxes AS part WHERE part.ordinality > 1
        AND NOT EXISTS (SELECT FROM boxes AS whole WHERE whole.ordinality = 1 AND whole.box ~ part.box)) AS whole
    FROM boxes
  )
  SELECT CASE WHEN count(*) = 1 THEN (array_agg(box))[1]
              WHEN bool_and(ST_Area(box) > 0) THEN ST_Union(box) ELSE ST_Collect(box) END
  FROM judged WHERE NOT whole;
$$ LANGUAGE sql IMMUTABLE STRICT SET search_path FROM CURRENT;

-- The column is made from the function when a row is written.
UPDATE pgstac.collections SET content = content
WHERE geometry IS DISTINCT FROM pgstac.collection_geom(content);
