import fsspec
import numpy as np
import pyarrow.parquet as pq

href = "https://example.org/mindset.parquet"

with fsspec.open(href) as file:
    batch = next(pq.ParquetFile(file).iter_batches(batch_size=1000, columns=["aef"]))

stored = np.stack(batch["aef"].to_numpy(zero_copy_only=False)).astype("float64")  # 64 codes for each point and year
vectors = np.sign(stored) * (np.abs(stored) / 127.5) ** 2
vectors[(stored == -128).any(axis=1)] = np.nan  # no data

print(vectors.shape, vectors[0, :3].round(4).tolist())
