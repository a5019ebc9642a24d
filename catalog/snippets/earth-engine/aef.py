import ee
import numpy as np

ee.Initialize(project="my-project")  # your own Google Cloud project, after `earthengine authenticate`

lon, lat, year = 11.5, 48.25, 2024
place = ee.Geometry.Point([lon, lat])
images = (
    ee.ImageCollection("GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL")
    .filterDate(f"{year}-01-01", f"{year + 1}-01-01")
    .filterBounds(place)
)
values = images.first().reduceRegion(reducer=ee.Reducer.first(), geometry=place, scale=10).getInfo()

bands = [f"A{n:02d}" for n in range(64)]
if any(values[band] is None for band in bands):
    raise SystemExit("no data here")
# Earth Engine serves the vectors themselves, of length 1: the rule for the int8 files must not be applied.
vector = np.array([values[band] for band in bands])

print(vector.shape, vector[:3].round(4).tolist())
