import rasterio

href = "Togo_Presto_embeddings_v2025_06_190000000000-0000000000.tif"  # the name of a file of the data set

with rasterio.open(href) as source:
    x, y = source.xy(source.height // 2, source.width // 2)  # put your own place here, in EPSG:25231
    stored = next(source.sample([(x, y)]))  # 128 values, uint16

# How the model's numbers became uint16 is not stated. The codes may serve a classifier that is trained on them;
# they must not be taken for the model's vectors.
print(stored.shape, stored.dtype)
