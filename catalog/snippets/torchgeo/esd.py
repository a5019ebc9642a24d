from torchgeo.datasets import EmbeddedSeamlessData

dataset = EmbeddedSeamlessData(["SDC30_EBD_V001_36RUU_2024.tif"])  # the portal asks for an account

bounds = dataset.index.geometry.iloc[0].bounds
step = dataset.res[0]
x, y = bounds[0] + 2 * step, bounds[3] - 3 * step  # put your own place here, in dataset.crs, in whole pixels
decoded = dataset[x : x + 4 * step, y - 4 * step : y]["image"]  # (13, 6, 4, 4): band, number, row, column

# The class decodes all 13 bands of the file. The last one counts clear observations and is no code: leave it out.
vectors = decoded[:12].flatten(0, 1)  # (72, 4, 4): 12 steps of 6 numbers
vector = vectors[:, 0, 0]
print(tuple(vector.shape), [round(v, 4) for v in vector[:3].tolist()])
