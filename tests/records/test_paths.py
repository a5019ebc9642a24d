"""Dotted paths: what they cover, find and name."""

import pytest

from atlas.records.paths import covers, field_exists, find, leaves, locate, starred


@pytest.fixture
def product(sample):
    return sample.read()[0].products["one"]


def test_leaves_are_the_values_that_are_given(product):
    found = {".".join(names[0] for names in leaf): value for leaf, value in leaves(product)}
    assert found["embedding.dimensions"] == 6
    assert found["distributions.bucket.cors"] is True
    assert found["training_data.imagery.role"] == "input"
    assert found["loaders.TorchGeo.ref"] == "Sample"
    assert found["extent.bbox"] == [[-10, 40, 10, 60], [0, 45, 5, 50], [6, 45, 8, 50]]
    assert "predecessor" not in found, "null"
    assert "distributions.bucket.retired" not in found, "false by default"
    assert "distributions.bucket.notes" not in found, "empty"


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("distributions", True),
        ("distributions.bucket", True),
        ("distributions.0.cors", True),
        ("distributions.*.cors", True),
        ("distributions.bucket.cors", True),
        ("distributions.old", False),
        ("distributions.bucket.cors.more", False),
        ("distribution", False),
    ],
)
def test_a_group_covers_what_is_below_it(product, path, covered):
    leaf = next(leaf for leaf, _ in leaves(product) if [n[0] for n in leaf] == ["distributions", "bucket", "cors"])
    assert covers(path, leaf) is covered


def test_find_follows_names_positions_and_stars(product):
    assert find(product, "distributions.bucket.format") == ["cog"]
    assert find(product, "distributions.1.host") == ["old.example.org"]
    assert find(product, "distributions.*.format") == ["cog", "cog"]
    assert find(product, "extent.bbox.0") == [[-10, 40, 10, 60]]
    assert find(product, "predecessor") == []
    assert find(product, "nothing.here") == []


def test_locate_gives_the_path_in_the_file():
    data = {"distributions": [{"id": "a"}, {"id": "b", "cors": True}]}
    assert locate(data, "distributions.b.cors") == ("distributions", 1, "cors")
    assert locate(data, "distributions.b.range_reads") == ("distributions", 1)
    assert locate(data, "elsewhere") == ()


@pytest.mark.parametrize(
    ("path", "exists"),
    [
        ("model.license", True),
        ("distributions.bucket.cors", True),
        ("distributions.*.cors", True),
        ("embedding.footprint.stride_px", True),
        ("index.columns.anything", True),
        ("distributions.nowhere.cors", False),
        ("distributions.bucket.colour", False),
        ("model.colour", False),
        ("title.more", False),
    ],
)
def test_field_exists_looks_at_the_model(product, path, exists):
    assert field_exists(product, path) is exists


def test_starred_counts_the_same_field_of_several_entries_as_one(product):
    assert starred(product, "distributions.bucket.cors") == "distributions.*.cors"
    assert starred(product, "model.license") == "model.license"
