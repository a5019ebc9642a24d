import numpy as np
import rasterio
from rasterio.warp import transform

href = "https://data.source.coop/tge-labs/aef/v1/annual/2024/10N/xcyo46pot2fg6a61t-0000008192-0000000000.tiff"

with rasterio.open(href) as source:
    lon, lat = source.lnglat()  # the middle of the file: put your own place here
    (x,), (y,) = transform("EPSG:4326", source.crs, [lon], [lat])
    # The files are stored bottom-up; sampling by coordinate follows the file's own transform.
    stored = next(source.sample([(x, y)]))  # 64 values, int8

if (stored == -128).any():
    raise SystemExit("no data here")
v = stored.astype("float64")
vector = np.sign(v) * (np.abs(v) / 127.5) ** 2
vector /= np.linalg.norm(vector)  # stored vectors have length 1 but for the rounding

print(vector.shape, vector[:3].round(4).tolist())
