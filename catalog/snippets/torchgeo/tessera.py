from torchgeo.datasets import TesseraEmbeddings

# GeoTIFF files that geotessera exports ("--format tiff") with the vectors restored; the published .npy files have no
# coordinates and are not read by this class.
dataset = TesseraEmbeddings(["grid_0.15_52.25_2021.tiff"])

bounds = dataset.index.geometry.iloc[0].bounds
step = dataset.res[0]
x, y = bounds[0] + 2 * step, bounds[3] - 3 * step  # put your own place here, in dataset.crs, in whole pixels
sample = dataset[x : x + 4 * step, y - 4 * step : y]

vector = sample["image"][:, 0, 0]  # (128,)
print(tuple(vector.shape), [round(v, 4) for v in vector[:3].tolist()])
