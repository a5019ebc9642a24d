-- Patches that are most like the first one of the file, by cosine similarity.
WITH patches AS (
    SELECT row_number() OVER () AS row, embedding AS vector
    FROM read_parquet('https://example.org/embeddings.parquet')
)
SELECT other.row, round(list_cosine_similarity(other.vector, one.vector), 4) AS similarity
FROM patches AS other, (SELECT vector FROM patches WHERE row = 1) AS one
WHERE other.row <> 1
ORDER BY similarity DESC, other.row
LIMIT 5;
