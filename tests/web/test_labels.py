"""Labels for readers: no field paths and no machine-only licence names."""

import pytest

from atlas.answers.labels import field_label, licence_name


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("embedding.similarity", "How vectors are compared"),
        ("embedding.quantization.original_data_type", "How stored numbers become vectors: original data type"),
        ("distributions.gcs.auth", "Access, gcs: who may read it"),
        ("distributions.*.cors", "Access: whether a web page of another site may read it"),
        ("training_data.era5.role", "Learned from, era5: role"),
        ("embedding.dimensions", "Dimensions"),
        ("title", "Title"),
        ("index.url", "Index: url"),
    ],
)
def test_fields_have_labels(path, label):
    assert field_label(path) == label


def test_a_place_is_called_by_its_title_where_that_is_known():
    places = {"gcs": "GeoTIFFs on Google Cloud"}
    assert field_label("distributions.gcs.auth", places) == "Access, GeoTIFFs on Google Cloud: who may read it"
    assert field_label("distributions.s3.auth", places) == "Access, s3: who may read it"
    assert field_label("known_issues.gcs.status", places) == "Known issue, gcs: status"


@pytest.mark.parametrize(
    ("licence", "name"),
    [
        ("CC-BY-4.0", "CC-BY-4.0"),
        ("LicenseRef-OlmoEarth-Artifact", "OlmoEarth Artifact terms"),
        ("LicenseRef-proprietary", "Proprietary terms"),
        ("LicenseRef-Google-ToS", "Google ToS"),
        ("MIT AND LicenseRef-Own", "MIT AND Own terms"),
        (None, ""),
    ],
)
def test_licences_have_names(licence, name):
    assert licence_name(licence) == name


def test_no_page_shows_a_name_for_programs(site):
    for page in ("products", "compare", "ecosystem", "products/olmoearth-v1-base", "taxonomy/licence/use-restricted"):
        text = (site / f"{page}.html").read_text("utf-8")
        assert "LicenseRef-" not in text.partition("<main")[2], page
