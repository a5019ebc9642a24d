import rasterio

href = "https://huggingface.co/datasets/torchgeo/copernicus_embed/resolve/main/embed_map_310k.tif"
lon, lat = 11.5, 48.25

with rasterio.open(href) as source:
    vector = next(source.sample([(lon, lat)]))  # 768 values, float32: the cell of 0.25 degrees around the place

if not vector.any():
    raise SystemExit("no data here: the file marks that by zeros in every band")
print(vector.shape, vector[:3].round(4).tolist())
