import numpy as np
import rasterio

href = "SDC30_EBD_V001_36RUU_2024.tif"  # the portal asks for an account: download the tile first

levels = np.array([8, 8, 8, 5, 5, 5])
basis = np.array([1, 8, 64, 512, 2560, 12800])

with rasterio.open(href) as source:
    x, y = source.xy(source.height // 2, source.width // 2)  # put your own place here, in the file's CRS
    bands = next(source.sample([(x, y)]))  # 13 values, uint16

codes = bands[:12].astype("int64")  # one code a month; band 13 counts the clear observations
if not codes.any():
    raise SystemExit("no data here")
digits = codes[:, np.newaxis] // basis % levels
vector = ((digits - levels // 2) / (levels // 2)).ravel()  # 12 steps of 6 numbers

print(vector.shape, vector[:3].round(4).tolist())
