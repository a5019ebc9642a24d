import fsspec
import numpy as np
import pyarrow.parquet as pq

href = "https://example.org/embeddings.parquet"
column = "embedding"

with fsspec.open(href) as file:
    parquet = pq.ParquetFile(file)
    print(parquet.schema_arrow.field(column).type)  # the element type differs between members of a family
    batch = next(parquet.iter_batches(batch_size=1000, columns=[column]))

vectors = np.stack(batch[column].to_numpy(zero_copy_only=False)).astype("float32")
unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)  # cosine similarity is that of directions

print(unit.shape, (unit @ unit[0])[:3].round(4).tolist())
