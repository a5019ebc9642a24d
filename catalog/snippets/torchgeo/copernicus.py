from torchgeo.datasets import CopernicusEmbed

dataset = CopernicusEmbed(["embed_map_310k.tif"])  # or CopernicusEmbed("folder", download=True), 0.8 GB

lon, lat = 11.5, 48.25
# The cell of 0.25 degrees around the place: cells are centred on multiples of 0.25.
west, south = round(lon / 0.25) * 0.25 - 0.125, round(lat / 0.25) * 0.25 - 0.125
vector = dataset[west : west + 0.25, south : south + 0.25]["image"][:, 0, 0]  # 768 values

if not vector.any():
    raise SystemExit("no data here: the file marks that by zeros in every band")
print(tuple(vector.shape), [round(v, 4) for v in vector[:3].tolist()])
