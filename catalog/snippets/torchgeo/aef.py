import torch
from torchgeo.datasets import GoogleSatelliteEmbedding

# Files as they were downloaded, in folders named like the producer's: the class takes the year from the path.
dataset = GoogleSatelliteEmbedding(["2024/10N/xcyo46pot2fg6a61t-0000008192-0000000000.tiff"])

place = dataset.index.geometry.iloc[0].centroid  # put your own place here, in dataset.crs
# A window on the grid of the pixels: between them TorchGeo would mix codes, which must not be mixed.
x, y = place.x // 10 * 10, place.y // 10 * 10
codes = dataset[x - 80 : x + 80, y - 80 : y + 80]["image"]  # (64, 16, 16): what the file stores, not the vectors

codes = codes.double()
missing = (codes == -128).any(dim=0)
vectors = torch.sign(codes) * (codes.abs() / 127.5) ** 2
vectors[:, missing] = torch.nan

vector = vectors[:, 7, 8]  # the pixel whose lower left corner is x, y
print(tuple(vector.shape), [round(v, 4) for v in vector[:3].tolist()])
