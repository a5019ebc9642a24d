"""Family names beside the marks of the chart."""

import pytest

from atlas.web.figures.names import family_names, place_names
from atlas.web.figures.scatter import scatter
from atlas.web.pages.rows import product_rows

FRAME = (0, 0, 300, 200)


def test_a_name_stands_beside_a_mark():
    (label,) = place_names([(50, 50)], {"Name": [(50, 50)]}, FRAME)
    assert (label.x, label.y, label.text, label.anchor) == (64, 55, "Name", "start")


@pytest.mark.parametrize(
    ("others", "anchor"),
    [([(80, 50)], "end"), ([(80, 50), (28, 50)], "middle")],
)
def test_a_name_covers_no_mark(others, anchor):
    labels = place_names([(50, 50), *others], {"Name": [(50, 50)]}, FRAME)
    assert [(label.anchor, label.line) for label in labels] == [(anchor, "")]


def test_a_name_without_room_beside_its_mark_stands_further_away_with_a_line():
    others = [(80, 50), (28, 50), (50, 30), (50, 74)]
    (label,) = place_names([(50, 50), *others], {"Name": [(50, 50)]}, FRAME)
    assert label.line.startswith("M50 50L")
    assert abs(label.x - 50) + abs(label.y - 50) > 30


def test_a_name_stays_inside_the_frame():
    (label,) = place_names([(290, 50)], {"Name": [(290, 50)]}, FRAME)
    assert label.anchor == "end"


def test_names_do_not_cover_each_other_and_those_with_fewest_places_come_first():
    marks = [(50.0, 50.0), (50.0, 51.0), (52.0, 52.0)]
    labels = place_names(marks, {"Small": marks[:1], "Large": marks[1:]}, FRAME)
    assert labels[0].text == "Small"
    assert len({(label.anchor, label.y) for label in labels}) == len(labels) == 2


def test_families_have_the_names_that_readers_know(catalog):
    names = family_names(catalog)
    assert names["tessera"] == "TESSERA"  # its entry of the ecosystem
    assert names["olmoearth"] == "OlmoEarth"  # the model that all share, or the words that all titles share
    assert names["earth-embeddings"] == "EarthEmbeddings"
    assert "earth-genome" not in names  # their titles share “Earth” only
    assert {"TESSERA", "OlmoEarth", "Major TOM"} <= {
        label.text for label in scatter(product_rows(catalog), names).names
    }
