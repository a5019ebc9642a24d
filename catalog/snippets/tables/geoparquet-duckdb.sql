-- Patches that are most like the first one of the file, by cosine similarity.
WITH patches AS (
    SELECT row_number() OVER () AS row, embedding
    FROM read_parquet('https://example.org/embeddings.parquet')
)
SELECT other.row, round(list_cosine_similarity(other.embedding, one.embedding), 4) AS similarity
FROM patches AS other, (SELECT embedding FROM patches WHERE row = 1) AS one
WHERE other.row <> 1
ORDER BY similarity DESC, other.row
LIMIT 5;
