"""The atlas's endpoints on the antimeridian, and footprints wider than a hemisphere."""

import math

import httpx
import pyproj
import pytest
import shapely

from atlas.api.app import create_app
from atlas.settings import Settings
from tests.integration.api.conftest import fill, running
from tests.integration.conftest import fresh_database, with_queryables

WIDE = {
    "globe": (-180, -90, 180, 90),
    "band": (-100, 20, 100, 60),
    "cap": (-180, 60, 180, 90),
    "tile": (10, 40, 11, 41),
}
YEARS = dict(zip(WIDE, range(2017, 2021), strict=True))
SPACING = 10  # metres from vector to vector of the product


def item(name, bounds, year):
    shape = shapely.box(*bounds)
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "aef-v1-annual",
        "geometry": shapely.geometry.mapping(shape),
        "bbox": list(bounds),
        "properties": {
            "datetime": None,
            "start_datetime": f"{year}-01-01T00:00:00Z",
            "end_datetime": f"{year}-12-31T23:59:59Z",
        },
        "links": [],
        "assets": {},
    }


@pytest.fixture(scope="module")
def atlas(cluster):
    items = [item(name, bounds, YEARS[name]) for name, bounds in WIDE.items()]
    items += [item("ends", (179, 10, 180, 11), 2022), item("begins", (-180, 10, -179, 11), 2022)]
    with fresh_database(cluster, with_queryables) as conninfo:
        fill(conninfo, items)
        with (
            running(create_app(Settings(), conninfo)) as url,
            httpx.Client(base_url=f"{url}/stac/atlas", timeout=60) as client,
        ):
            yield client


@pytest.mark.parametrize(
    ("place", "there"),
    [
        ({"lon": 180, "lat": 10.5}, ("begins", "ends")),
        ({"lon": -180, "lat": 10.5}, ("begins", "ends")),
        ({"bbox": "180,10,180,11"}, ("begins", "ends")),
        ({"intersects": '{"type":"Point","coordinates":[180,10.5]}'}, ("begins", "ends")),
        ({"bbox": "179.5,10,-179.5,11"}, ("begins", "ends")),
        # an area that ends at the antimeridian shares no more than an edge with what begins there
        ({"bbox": "179.5,10,180,11"}, ("ends",)),
        ({"bbox": "-180,10,-179.5,11"}, ("begins",)),
    ],
    ids=str,
)
def test_both_sides_of_the_antimeridian_are_one_place(atlas, place, there):
    answer = atlas.get("/coverage", params={**place, "datetime": "2022"})
    assert answer.status_code == 200, answer.text
    (covered,) = answer.json()["covered"]
    assert sorted(i["id"] for i in covered["items"]) == list(there)


@pytest.mark.parametrize(("bbox", "tiles"), [("179,10,180,11", 1), ("179.5,10,-179.5,11", 2)])
def test_an_estimate_counts_what_lies_in_the_box_on_both_sides(atlas, bbox, tiles):
    estimate = atlas.get("/estimate", params={"product": "aef-v1-annual", "datetime": "2022", "bbox": bbox})
    assert estimate.json()["tiles"] == tiles


def ellipsoid_km2(bounds):
    """Area of a box by geodesics so short that they do not leave their parallel; in lunes, as none may hold a pole."""
    west, south, east, north = bounds
    geod, total = pyproj.Geod(ellps="WGS84"), 0.0
    lunes = math.ceil((east - west) / 60)
    for n in range(lunes):
        left, right = west + (east - west) * n / lunes, west + (east - west) * (n + 1) / lunes
        ring = shapely.segmentize(shapely.box(left, south, right, north), 0.01)
        total += abs(geod.geometry_area_perimeter(ring)[0])
    return total / 1e6


@pytest.mark.parametrize("name", WIDE)
def test_areas_of_wide_items_follow_their_parallels(atlas, name):
    wanted = ellipsoid_km2(WIDE[name])
    if name == "globe":
        assert wanted == pytest.approx(510_065_621.7, rel=1e-6)  # the ellipsoid's own surface
    answer = atlas.get("/estimate", params={"product": "aef-v1-annual", "datetime": str(YEARS[name])})
    assert answer.status_code == 200, answer.text
    assert answer.json()["tiles"] == 1
    assert answer.json()["vectors_at_most"] * SPACING**2 / 1e6 == pytest.approx(wanted, rel=1e-5)
