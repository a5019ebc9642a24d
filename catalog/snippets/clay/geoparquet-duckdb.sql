-- Patches that are most like the first one of the file, by cosine similarity.
WITH patches AS (
    SELECT row_number() OVER () AS row, embeddings
    FROM read_parquet('https://data.source.coop/clay/clay-model-v0-embeddings/03WVN_20220610_20220610_v001.gpq')
)
SELECT other.row, round(list_cosine_similarity(other.embeddings, one.embeddings), 4) AS similarity
FROM patches AS other, (SELECT embeddings FROM patches WHERE row = 1) AS one
WHERE other.row <> 1
ORDER BY similarity DESC, other.row
LIMIT 5;
