"""A record as a Collection: nothing lost, nothing invented, valid."""

import copy
import datetime as dt
from dataclasses import replace

import pytest

from atlas.records.base import Evidence
from atlas.records.product import InputUse
from atlas.stac.collection import TAXONOMY_SCHEME, collection_from_record
from atlas.stac.crawl_summary import CrawlSummary


def changed(product, **fields):
    return product.model_copy(update=fields)


def test_core_fields_are_those_of_the_record(small):
    collection = collection_from_record(small.products["one"], small)
    assert collection["type"] == "Collection"
    assert collection["stac_version"] == "1.1.0"
    assert (collection["id"], collection["title"]) == ("one", "First product")
    assert collection["license"] == "CC-BY-4.0"
    assert collection["providers"] == [{"name": "Somebody", "roles": ["producer"], "url": "https://example.org"}]
    assert collection["extent"] == {
        "spatial": {"bbox": [[-10.0, 40.0, 10.0, 60.0], [0.0, 45.0, 5.0, 50.0], [6.0, 45.0, 8.0, 50.0]]},
        "temporal": {"interval": [["2020-01-01T00:00:00Z", "2021-12-31T23:59:59Z"]]},
    }
    assert collection["version"] == "1.0"
    assert collection["experimental"] is True
    assert "deprecated" not in collection


def test_emb_fields_are_copied(small):
    product = small.products["one"]
    collection = collection_from_record(product, small)
    for name in ("type", "dimensions", "space", "quantization", "normalization", "similarity"):
        assert collection[f"emb:{name}"] == getattr(product.embedding, name)
    assert collection["emb:delivery"] == "stored"
    assert collection["emb:temporal_resolution"] == product.embedding.temporal["resolution"]
    assert collection["emb:ground_size"] == product.embedding.footprint["size"][0]
    assert "size" not in collection.get("emb:footprint", {})
    assert collection["emb:model"]["license"] == "MIT"
    assert "id" not in collection["emb:model"]
    assert collection["emb:training_data"] == [
        {
            "title": "Imagery",
            "modality": "optical",
            "role": "input",
            "id": "imagery",
            "instruments": ["msi"],
            "collection": "https://example.org/stac/collections/imagery",
        }
    ]
    assert collection["emb:known_issues"] == [
        {"title": "May be shifted", "description": "Patches are shifted.", "status": "suspected"}
    ]


def test_how_a_vector_is_had_is_copied(small):
    encoder = {"parameters": [{"name": "month", "required": False}]}
    product = small.products["two"]
    embedding = product.embedding.model_copy(update={"pooling": "cls", "context_size": 160.0, "encoder": encoder})
    collection = collection_from_record(product.model_copy(update={"embedding": embedding}), small)
    assert (collection["emb:pooling"], collection["emb:context_size"]) == ("cls", 160.0)
    assert collection["emb:encoder"] == {"coordinate_order": ["lon", "lat"], **encoder}


def test_a_role_that_is_not_stated_is_left_out(small):
    product = small.products["one"].model_copy(update={"training_data": [InputUse(input="imagery")]})
    (entry,) = collection_from_record(product, small)["emb:training_data"]
    assert "role" not in entry
    (entry,) = collection_from_record(small.products["one"], small)["emb:training_data"]
    assert entry["role"] == "input"


def test_silence_is_named_with_the_names_of_the_fields(small):
    collection = collection_from_record(small.products["two"], small)
    assert collection["emb:absent"]["license"] == "not_looked_up"
    assert {"emb:inference_data", "emb:model.license", "emb:normalization", "sci:citation"} <= set(
        collection["emb:absent"]
    )
    assert collection["license"] == "other"


def test_a_doi_of_data_and_a_doi_of_a_paper_are_told_apart(small, catalog):
    collection = collection_from_record(small.products["one"], small)
    assert collection["sci:doi"] == "10.1234/first.product"
    assert collection["sci:publications"] == [
        {"citation": "Somebody (2020). A paper.", "doi": "10.48550/arXiv.2001.00001"}
    ]
    aef = collection_from_record(catalog.products["aef-v1-annual"], catalog)
    assert "sci:doi" not in aef
    assert aef["sci:publications"][0]["doi"] == "10.48550/arXiv.2507.22291"


def test_data_whose_producer_asks_to_cite_a_paper_keep_their_own_doi(catalog):
    esd = collection_from_record(catalog.products["esd-v001"], catalog)
    assert esd["sci:citation"].endswith("arXiv:2601.11183")
    assert esd["sci:doi"] == "10.12436/iEarth.0000.20251229.000064.v1"


def test_links_lead_to_licence_citation_model_data_and_versions(small):
    links = {link["rel"]: link["href"] for link in collection_from_record(small.products["one"], small)["links"]}
    assert links == {
        "license": "https://example.org/licence",
        "cite-as": "https://doi.org/10.48550/arXiv.2001.00001",
        "emb:model": "https://example.org/model",
        "emb:source-data": "https://example.org/stac/collections/imagery",
        "successor-version": "collections/two",
        "about": "https://example.org/files",
    }
    two = collection_from_record(small.products["two"], small, to_collection="../{}/collection.json".format)
    assert ("predecessor-version", "../one/collection.json") in [(x["rel"], x["href"]) for x in two["links"]]


def test_a_retired_place_leaves_no_trace(small):
    assert "old" not in str(collection_from_record(small.products["one"], small)["links"])


def test_item_assets_describe_vectors_and_what_lies_beside_them(small, catalog):
    assets = collection_from_record(small.products["one"], small)["item_assets"]
    assert list(assets) == ["embeddings", "mask"]
    vectors = assets["embeddings"]
    assert vectors["roles"] == ["data", "embedding"]
    assert vectors["type"] == "image/tiff; application=geotiff; profile=cloud-optimized"
    assert [band["name"] for band in vectors["bands"]] == ["b00", "b01", "b02", "b03", "b04", "b05"]
    assert (vectors["data_type"], vectors["gsd"], vectors["proj:code"]) == ("uint16", 10, "EPSG:4326")
    tessera = collection_from_record(catalog.products["tessera-v1"], catalog)["item_assets"]
    assert list(tessera) == ["embeddings", "scales", "landmask"]
    assert tessera["embeddings"]["emb:layout"] == {"kind": "array", "axis": 2, "georeference_asset": "landmask"}


def test_an_encoder_of_locations_has_no_vectors(small):
    collection = collection_from_record(small.products["two"], small)
    assert "item_assets" not in collection
    assert "assets" not in collection


def test_stores_and_the_index_are_assets_of_the_collection(catalog):
    assets = collection_from_record(catalog.products["aef-v1-annual"], catalog)["assets"]
    mosaic = assets["source-coop-mosaic"]
    assert mosaic["href"] == "s3://us-west-2.opendata.source.coop/tge-labs/aef-mosaic/"
    assert mosaic["emb:layout"] == {"kind": "array", "name": "embeddings", "axis": 1}
    assert mosaic["proj:code"] == "EPSG:4326"
    assert assets["index"]["type"] == "application/vnd.apache.parquet"
    assert {"name": "utm_zone", "description": "zone such as 10N"} in assets["index"]["table:columns"]


def test_storage_names_bucket_region_and_who_pays(catalog):
    schemes = collection_from_record(catalog.products["aef-v1-annual"], catalog)["storage:schemes"]
    assert schemes["source-coop-mosaic"] == {
        "type": "aws-s3",
        "platform": "https://{bucket}.s3.{region}.amazonaws.com",
        "bucket": "us-west-2.opendata.source.coop",
        "region": "us-west-2",
        "requester_pays": False,
    }
    assert schemes["gcs"]["bucket"] == "alphaearth_foundations"


def test_columns_of_tables_are_listed(catalog):
    vectors = collection_from_record(catalog.products["clay-v0-sentinel"], catalog)["item_assets"]["embeddings"]
    assert [column["name"] for column in vectors["table:columns"]] == [
        "index",
        "source_url",
        "date",
        "embeddings",
        "geometry",
    ]


def test_themes_are_the_terms_of_the_taxonomy(small):
    themes = {t["scheme"]: t["concepts"] for t in collection_from_record(small.products["one"], small)["themes"]}
    assert themes[TAXONOMY_SCHEME.format(facet="type")] == [{"id": "patch", "title": "Patch"}]
    assert themes[TAXONOMY_SCHEME.format(facet="value")] == [{"id": "retrieval", "title": "Retrieval"}]


def test_what_a_crawl_has_seen_is_the_extent(small):
    seen = CrawlSummary(
        3, (1.0, 41.0, 2.0, 42.0), (dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2020, 12, 31, tzinfo=dt.UTC))
    )
    extent = collection_from_record(small.products["one"], small, items=seen)["extent"]
    assert extent["spatial"]["bbox"] == [[1.0, 41.0, 2.0, 42.0]]
    assert extent["temporal"]["interval"] == [["2020-01-01T00:00:00Z", "2020-12-31T00:00:00Z"]]


def test_a_crawl_of_a_part_widens_the_records_extent_and_never_narrows_it(small):
    stated = collection_from_record(small.products["one"], small)["extent"]
    west, south, east, north = stated["spatial"]["bbox"][0]
    begin = dt.datetime.fromisoformat(stated["temporal"]["interval"][0][0])
    within = CrawlSummary(3, (west, south, west + 0.1, south + 0.1), (begin, begin), index_read="part")
    assert collection_from_record(small.products["one"], small, items=within)["extent"] == stated
    beyond = CrawlSummary(3, (west, south, east, north + 1), (dt.datetime(1990, 1, 1, tzinfo=dt.UTC), begin))
    part = collection_from_record(small.products["one"], small, items=replace(beyond, index_read="part"))["extent"]
    assert part["spatial"]["bbox"][0] == [west, south, east, north + 1]
    assert part["temporal"]["interval"] == [["1990-01-01T00:00:00Z", stated["temporal"]["interval"][0][1]]]
    whole = collection_from_record(small.products["one"], small, items=replace(within, index_read="whole"))
    assert whole["extent"]["spatial"]["bbox"] == [[west, south, west + 0.1, south + 0.1]]


def test_of_a_product_without_a_stated_extent_the_items_tell_it(small):
    product = small.products["one"].model_copy(update={"extent": None})
    box = (1.0, 2.0, 3.0, 4.0)
    found = collection_from_record(product, small, items=CrawlSummary(1, box, index_read="part"))
    assert found["extent"]["spatial"]["bbox"] == [list(box)]


def test_a_crawl_that_found_nothing_leaves_the_records_extent(small):
    with_none = collection_from_record(small.products["one"], small, items=CrawlSummary(0))
    assert with_none["extent"] == collection_from_record(small.products["one"], small)["extent"]


def test_only_extensions_in_use_are_declared(small):
    two = collection_from_record(small.products["two"], small)["stac_extensions"]
    assert [uri.split("/")[3] for uri in two] == ["emb", "themes"]
    one = collection_from_record(small.products["one"], small)["stac_extensions"]
    assert [uri.split("/")[3] for uri in one] == ["emb", "version", "scientific", "projection", "table", "themes"]


@pytest.mark.parametrize("name", ["one", "two"])
def test_it_validates(small, validator, name):
    assert validator.validate(collection_from_record(small.products[name], small)) == []


def test_it_validates_when_everything_optional_is_silent(small, validator):
    two = small.products["two"]
    product = changed(two, extent=None, status="deprecated", publications=[], loaders=[])
    collection = collection_from_record(product, small)
    assert collection["deprecated"] is True
    assert validator.validate(collection) == []


def test_a_licence_of_its_own_is_other(small):
    product = changed(
        small.products["one"], licences=small.products["one"].licences.model_copy(update={"data": "LicenseRef-Own"})
    )
    assert collection_from_record(product, small)["license"] == "other"


def test_changing_the_collection_does_not_change_the_record(small):
    product = small.products["one"]
    before = copy.deepcopy(product.model_dump())
    collection = collection_from_record(product, small)
    collection["emb:quantization"]["scale"] = 8
    collection["keywords"].append("x")
    collection["item_assets"]["embeddings"]["emb:layout"]["kind"] = "array"
    assert product.model_dump() == before


def test_evidence_stays_in_the_record(small):
    assert isinstance(small.products["one"].evidence["title"][0], Evidence)
    assert "evidence" not in str(collection_from_record(small.products["one"], small).keys())
