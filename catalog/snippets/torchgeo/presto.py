from torchgeo.datasets import PrestoEmbeddings

dataset = PrestoEmbeddings(["Togo_Presto_embeddings_v2025_06_190000000000-0000000000.tif"])

bounds = dataset.index.geometry.iloc[0].bounds
step = dataset.res[0]
x, y = bounds[0] + 2 * step, bounds[3] - 3 * step  # put your own place here, in EPSG:25231, in whole pixels
stored = dataset[x : x + 4 * step, y - 4 * step : y]["image"][:, 0, 0]  # 128 codes

# How the model's numbers became these codes is not stated. They may serve a classifier that is trained on them;
# they must not be taken for the model's vectors.
print(tuple(stored.shape), [round(v) for v in stored[:3].tolist()])
