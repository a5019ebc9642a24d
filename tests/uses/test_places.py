"""Maps of points and patches, near each other and far apart."""

import numpy as np
import pytest
import shapely
from odc.geo import CRS

from atlas.uses.places import draw_presence, map_of_places


@pytest.mark.parametrize(("east", "code"), [(3.5, "EPSG:32631"), (40, "OGC:CRS84")])
def test_places_are_drawn_where_they_lie(east, code):
    drawn = map_of_places(shapely.points([(3, 50), (east, 51)]), np.array([1.0, 2.0]), {})
    assert drawn.dims == ("y", "x")
    assert drawn.odc.geobox.crs == CRS(code)
    rows, columns = np.nonzero(drawn.values == 2)
    first = np.nonzero(drawn.values == 1)
    assert rows.mean() < first[0].mean()
    assert columns.mean() > first[1].mean()


def test_points_on_two_continents_have_a_picture(tmp_path):
    ground = shapely.points([(3, 50), (100, 10)])
    how = draw_presence(ground, np.array([True, False]), {}, tmp_path / "a.png", "points")
    assert how is not None
    assert (tmp_path / "a.png").stat().st_size > 1000
