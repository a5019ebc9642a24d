"""Facts that were once wrong, each with its source: they stay correct."""

import pytest

from atlas.records.classify import classify

HOLES = {"2017", "2018", "2019", "2020", "2021"}


def loader(product, name):
    return next(one for one in product.loaders if one.name == name)


def issue_ids(product):
    return {issue.id for issue in product.known_issues}


def test_tessera_v1_is_global_in_2024_only(catalog):
    completeness = catalog.products["tessera-v1"].extent.completeness
    assert (completeness.default, completeness.years) == ("partial", {"2024": "complete"})
    assert "every year" not in catalog.products["tessera-v1"].summary


def test_the_run_by_dclimate_has_holes_in_five_years(catalog):
    completeness = catalog.products["tessera-v1.1-dclimate"].extent.completeness
    assert completeness.default == "complete"
    assert completeness.years == dict.fromkeys(HOLES, "partial")


@pytest.mark.parametrize("name", ["tessera-v1", "tessera-v1.1-cambridge"])
def test_coasts_are_clipped(catalog, name):
    assert "coastline-clipping" in issue_ids(catalog.products[name])


def test_only_one_class_reads_the_run_by_dclimate(catalog):
    product = catalog.products["tessera-v1.1-dclimate"]
    refs = [one.ref for one in product.loaders if one.href == "https://github.com/ucam-eo/geotessera"]
    assert refs == ["GeoTesseraZarr()"]


def test_the_loader_of_tessera_v1_names_version_and_argument(catalog):
    found = loader(catalog.products["tessera-v1"], "geotessera")
    assert found.version == "0.11.0"
    assert found.ref == 'GeoTessera(dataset_version="v1")'


@pytest.mark.parametrize("name", ["range", "range-plus", "climplicit"])
def test_a_licence_file_of_the_code_says_nothing_of_the_weights(catalog, name):
    product = catalog.products[name]
    assert product.model.code_license == "MIT"
    assert product.absent["model.license"].reason == "not_stated"
    assert "licence-file" in product.absent["model.license"].looked_in


@pytest.mark.parametrize("model", ["dinov2", "siglip", "terramind", "prithvi-eo-2"])
def test_weights_whose_page_states_a_licence_have_it(catalog, model):
    assert catalog.ecosystem[model].model.license == "Apache-2.0"
    for product in catalog.products.values():
        if product.model.id == model:
            assert product.model.license == "Apache-2.0", product.id


def test_mindset_names_four_teachers_and_the_years_that_its_sampler_reads(catalog):
    product = catalog.products["mindset-aef"]
    assert all(name in product.description for name in ("AlphaEarth", "Climplicit", "GeoCLIP", "SINR"))
    assert product.extent.years == list(range(2017, 2026))
    assert "zarr_aef.py" in product.sources["mosaic-reader"].source


def test_versions_of_olmoearth_are_told_apart(catalog):
    for size in ("nano", "tiny", "base"):
        for one, other in (("v1", "v1.1"), ("v1.1", "v1.2"), ("v1", "v1.2")):
            relations = catalog.spaces[f"olmoearth-{one}-{size}"].relations
            assert [r.relation for r in relations if r.space == f"olmoearth-{other}-{size}"] == ["incompatible"]


def test_the_provider_pays_for_alphaearth_in_its_bucket(catalog):
    product = catalog.products["aef-v1-annual"]
    gcs = next(place for place in product.distributions if place.id == "gcs")
    assert gcs.requester_pays is False
    assert all(conflict.field != "distributions.gcs.requester_pays" for conflict in product.conflicts)


def test_planet_has_no_licence_and_no_length_of_its_own(catalog):
    product = catalog.products["planet-embeddings"]
    assert product.licences.data is None
    assert product.absent["embedding.dimensions"].reason == "varies"
    assert "512" in product.absent["embedding.dimensions"].note


def test_copernicus_embed_counts_the_elevation_apart(catalog):
    assert "eight Sentinel" not in catalog.products["copernicus-embed-025deg"].summary


def test_presto_read_what_it_learned_from(catalog):
    product = catalog.products["presto-togo-2019"]
    learned = {use.input for use in product.training_data}
    assert {use.input for use in product.inference_data} <= learned


def test_crop_mapping_finds_a_product(catalog):
    assert "crop-mapping" in classify(catalog.products["aef-v1-annual"], catalog)["task"]


def test_every_product_says_how_complete_it_is_or_why_not(catalog):
    for product in catalog.products.values():
        stated = product.extent is not None and product.extent.completeness is not None
        assert stated != (product.absence("extent.completeness") is not None), product.id
        if product.embedding.type != "location" and product.status not in {"recipe", "announced"} and not stated:
            assert product.absence("extent.completeness").reason != "not_applicable", product.id


def test_what_hosts_do_was_looked_up(catalog):
    # Looked up in the hosts' own documentation and code; CDSE and ModelScope say nothing of scripts of other sites.
    known = {
        "huggingface.co": (True, True),
        "data.source.coop": (True, True),
        "eodata.dataspace.copernicus.eu": (None, True),
        "modelscope.cn": (None, True),
    }
    seen = set()
    for product in catalog.products.values():
        for place in product.distributions:
            if place.host in known and place.format not in {"weights", "code"}:
                seen.add(place.host)
                assert (place.cors, place.range_reads) == known[place.host], (product.id, place.id)
                if place.cors is None:
                    assert product.absence(f"distributions.{place.id}.cors").reason == "not_stated"
    assert seen == set(known)


def test_what_the_copernicus_data_space_says_of_the_major_tom_sets_is_used(catalog):
    """Its page stood among the sources for numbers of vectors; sizes and uses beside them were called not stated."""
    sizes = {"majortom-s1rtc-decur": 332_500_000_000, "majortom-s2l1c-decur": 252_900_000_000}
    for name, size in {**sizes, "majortom-s2l2a-mmearth": 60_000_000_000_000}.items():
        assert catalog.products[name].counts.bytes == size
        assert "change-detection" in catalog.products[name].embedding.tasks


def test_sizes_at_source_cooperative_are_those_of_its_own_list(catalog):
    sizes = {
        "clay-v0-sentinel": 3_600_000_000,
        "clay-v1-5-naip": 6_600_000_000_000,
        "clay-v1-5-sentinel2": 3_200_000_000_000,
        "lgnd-clay-v1-5-s2-l2a": 503_200_000_000,
        "aef-v1-annual": 576_600_000_000_000,
    }
    for name, size in sizes.items():
        (place,) = [place for place in catalog.products[name].distributions if place.id == "source-coop"]
        assert (place.bytes, catalog.products[name].counts.bytes) == (size, size)


def test_a_work_whose_title_tells_less_than_its_summary_is_cited_itself(catalog):
    """A curated list gives titles only."""
    for name in (
        "hybrid-slepian",
        "geoinrid",
        "dino",
        "mae",
        "resnet",
        "crop-type-transfer",
        "dcva",
        "gair",
        "wherobots",
    ):
        lists = ("https://github.com/hfangcat/", "https://wiki.osgeo.org/")
        assert any(not source.source.startswith(lists) for source in catalog.ecosystem[name].sources), name
