import ee

ee.Initialize(project="my-project")  # your own Google Cloud project, after `earthengine authenticate`

here = ee.Geometry.Point([11.5, 48.25])  # an example of what to look for
there = ee.Geometry.Point([11.51, 48.26])
earlier, later = 2023, 2024
bands = [f"A{n:02d}" for n in range(64)]
collection = ee.ImageCollection("GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL").filterBounds(here)


def of_year(year):
    return collection.filterDate(f"{year}-01-01", f"{year + 1}-01-01").first()


def at(image, place):
    return image.reduceRegion(reducer=ee.Reducer.first(), geometry=place, scale=10)


# Earth Engine serves vectors of length 1: the sum of the products of two is their cosine.
example = at(of_year(later), here).toImage(bands)
similarity = of_year(later).multiply(example).reduce(ee.Reducer.sum())
unchanged = of_year(earlier).multiply(of_year(later)).reduce(ee.Reducer.sum())

# Both are images: show them on a map, or export them. Here are their values at one place.
values = [at(image, there).getInfo()["sum"] for image in (similarity, unchanged)]
if None in values:
    raise SystemExit("no data here")
print("similarity", round(values[0], 4), "change", round(1 - values[1], 4))
