from torchgeo.datasets import GoogleSatelliteEmbedding

# Cells as they were downloaded, in folders named like the producer's: the class takes the year from the path.
dataset = GoogleSatelliteEmbedding(["2024/U/1/L/7/471U_587L.tif"])

bounds = dataset.index.geometry.iloc[0].bounds
step = dataset.res[0]
x, y = bounds[0] + 10 * step, bounds[3] - 10 * step  # put your own place here, in dataset.crs, in whole pixels
sample = dataset[x : x + 16 * step, y - 16 * step : y]

vectors = sample["image"]  # (64, 16, 16): these files hold the vectors themselves, nothing has to be restored
vector = vectors[:, 0, 0]
print(tuple(vector.shape), [round(v, 4) for v in vector[:3].tolist()])
