import fsspec
import numpy as np
import pyarrow.parquet as pq

href = "https://example.org/embeddings.parquet"

with fsspec.open(href) as file:
    parquet = pq.ParquetFile(file)
    print(parquet.schema_arrow.field("embedding").type)  # the element type differs between members of a family
    batch = next(parquet.iter_batches(batch_size=1000, columns=["embedding"]))

vectors = np.stack(batch["embedding"].to_numpy(zero_copy_only=False)).astype("float32")
unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)  # the vectors are not stored normalised

print(unit.shape, (unit @ unit[0])[:3].round(4).tolist())
