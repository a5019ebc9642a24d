import torch
from torchgeo.datasets import EarthEmbeddings

dataset = EarthEmbeddings("embeddings.parquet")  # a file, or a folder of files, as they were downloaded

sample = dataset[0]
vectors = torch.stack([dataset[i]["embedding"] for i in range(min(len(dataset), 1000))]).float()
unit = torch.nn.functional.normalize(vectors, dim=1)  # cosine similarity is that of directions
nearest = int(torch.argsort(unit @ unit[0])[-2])  # the last one is the first vector itself

print(tuple(vectors.shape), nearest, [round(float(sample[axis]), 4) for axis in ("x", "y")])
