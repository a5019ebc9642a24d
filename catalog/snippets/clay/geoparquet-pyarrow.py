import fsspec
import numpy as np
import pyarrow.parquet as pq
import shapely

href = "https://data.source.coop/clay/clay-model-v0-embeddings/03WVN_20220610_20220610_v001.gpq"

with fsspec.open(href) as file:
    table = pq.ParquetFile(file).read(columns=["embeddings", "geometry"])

# One row is one patch of 5120 m; its vector is stored as it was computed.
vectors = np.stack(table["embeddings"].to_numpy(zero_copy_only=False)).astype("float32")
footprints = shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False))
unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
nearest = int(np.argsort(unit @ unit[0])[-2])  # the last one is the first patch itself

print(vectors.shape, nearest, footprints[nearest].bounds)
