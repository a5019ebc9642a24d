-- Footprints that cross themselves are common. GEOS finds them in some places and not in others, or fails on them, so an
-- Item is searched by its repaired geometry; the geometry that was sent is kept in `private` and is what the API answers.
CREATE OR REPLACE FUNCTION atlas.repaired(_geometry geometry) RETURNS geometry AS $$
BEGIN
  RETURN ST_MakeValid(_geometry, 'method=structure keepcollapsed=true');
EXCEPTION WHEN OTHERS THEN
  RETURN ST_MakeValid(_geometry);
END;
$$ LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT;

CREATE OR REPLACE FUNCTION pgstac.content_dehydrate(content jsonb) RETURNS pgstac.items AS $$
  SELECT
    content->>'id',
    CASE WHEN sound THEN geometry ELSE atlas.repaired(geometry) END,
    content->>'collection',
    pgstac.stac_datetime(content),
    pgstac.stac_end_datetime(content),
    pgstac.content_slim(content),
    -- As sent, too, where PostGIS would give back another one: it drops the fourth number of a position and foreign
    -- members, and makes up the heights that some positions lack.
    CASE WHEN sound AND ST_AsGeoJSON(geometry, 20)::jsonb = content->'geometry' THEN NULL
         ELSE jsonb_build_object('geometry', content->'geometry') END
  FROM (SELECT g.geometry, g.geometry IS NULL OR ST_IsValid(g.geometry) AS sound
        -- A member `crs` would give it another SRID, and every search that reads the row would fail.
        FROM (SELECT ST_SetSRID(pgstac.stac_geom(content), 4326) AS geometry OFFSET 0) AS g OFFSET 0) AS g;
$$ LANGUAGE sql STABLE SET search_path FROM CURRENT;

-- A row that came in by another way may hold what GEOS cannot read, such as a ring that is not closed. A search that
-- fails on one is asked again with these: the repaired geometry counts, or, where nothing can be repaired, its box. A row
-- of another SRID counts as degrees, which STAC asks for.
CREATE OR REPLACE FUNCTION atlas.checked(_predicate text, _one geometry, _other geometry) RETURNS boolean AS $$
DECLARE
  statement text := format('SELECT %I($1, $2)', _predicate);
  answer boolean;
BEGIN
  EXECUTE statement INTO answer USING ST_SetSRID(_one, 4326), _other;
  RETURN answer;
EXCEPTION WHEN internal_error THEN
  BEGIN
    EXECUTE statement INTO answer USING atlas.repaired(ST_SetSRID(_one, 4326)), _other;
    RETURN answer;
  EXCEPTION WHEN internal_error THEN
    EXECUTE statement INTO answer USING ST_Envelope(ST_SetSRID(_one, 4326)), _other;
    RETURN answer;
  END;
END;
$$ LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE;

-- Under PostGIS's own names. The planner inlines the body, so that the index on the geometry is used.
DO $do$
DECLARE
  predicate text;
BEGIN
  FOREACH predicate IN ARRAY '{st_contains,st_crosses,st_disjoint,st_equals,st_intersects,st_overlaps,st_touches,st_within}'::text[]
  LOOP
    EXECUTE format(
      'CREATE OR REPLACE FUNCTION atlas.%I(geometry, geometry) RETURNS boolean AS $sql$ SELECT %s atlas.checked(%L, $1, $2) $sql$ LANGUAGE sql IMMUTABLE PARALLEL SAFE',
      predicate, CASE WHEN predicate <> 'st_disjoint' THEN '$1 && $2 AND' END, predicate);
  END LOOP;
END;
$do$;

-- Square metres on EPSG:6933; 0 where the geometry has no place on the globe.
CREATE OR REPLACE FUNCTION atlas.area(_geometry geometry) RETURNS float8 AS $$
BEGIN
  RETURN coalesce(nullif(ST_Area(ST_Transform(ST_SetSRID(ST_Segmentize(_geometry, 1), 4326), 6933)), 'NaN'), 0);
EXCEPTION WHEN internal_error THEN
  RETURN 0;
END;
$$ LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE;
