"""The OpenAPI document has the declared version, and the clients that need it can read it."""

import shutil
import subprocess

import httpx
import jsonschema
import pytest
from openapi_spec_validator import validate

from atlas.api.answer_schemas import as_30
from atlas.api.app import create_app
from atlas.settings import Settings
from tests.integration.api.conftest import running

OAS30 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30"
MEDIA = "application/vnd.oai.openapi+json;version="


@pytest.mark.parametrize(
    ("accept", "version"),
    [
        ("*/*", "3.0"),
        (f"{MEDIA}3.0", "3.0"),
        ("application/json", "3.0"),
        (f"{MEDIA}3.1", "3.1"),
        ('application/vnd.oai.openapi+json; version="3.1", */*;q=0.1', "3.1"),
        (f"{MEDIA}3.1, {MEDIA}3.0", "3.0"),
    ],
)
def test_the_document_is_of_the_version_that_it_says(stac, accept, version):
    answer = httpx.get(f"{stac}/api", headers={"Accept": accept})
    assert answer.headers["content-type"] == f"{MEDIA}{version}"
    assert "Accept" in answer.headers["vary"]
    document = answer.json()
    assert document["openapi"].startswith(f"{version}.")
    validate(document)


def test_the_declared_class_and_the_link_name_that_version(stac):
    landing = httpx.get(stac).json()
    assert [c for c in landing["conformsTo"] if "/oas3" in c] == [OAS30]
    (link,) = [x for x in landing["links"] if x["rel"] == "service-desc"]
    answer = httpx.get(link["href"])
    assert answer.headers["content-type"] == link["type"] == f"{MEDIA}3.0"


def test_the_writing_document_is_valid_too(api_database):
    app = create_app(Settings(transactions_token="correct-horse-battery"), api_database)
    with running(app) as url:
        for version in ("3.0", "3.1"):
            document = httpx.get(f"{url}/stac/api", headers={"Accept": f"{MEDIA}{version}"}).json()
            assert "patch" in document["paths"]["/stac/collections/{collection_id}"]
            validate(document)


ANSWERS = {
    "": "",
    "/collections": "",
    "/conformance": "",
    "/search": "?limit=20",
    "/collections/{collection_id}": "",
    "/collections/{collection_id}/items": "?limit=20",
    "/collections/{collection_id}/items/{item_id}": "",
}


def test_answers_are_what_the_document_says(stac):
    document = httpx.get(f"{stac}/api", headers={"Accept": f"{MEDIA}3.1"}).json()
    (item,) = httpx.get(f"{stac}/search?limit=1").json()["features"]
    for path, query in ANSWERS.items():
        answer = httpx.get(stac + path.format(collection_id=item["collection"], item_id=item["id"]) + query).json()
        ((_, content),) = document["paths"][f"/stac{path}"]["get"]["responses"]["200"]["content"].items()
        assert set(content["schema"]) == {"$ref"}
        schema = {**content["schema"], "components": document["components"]}
        jsonschema.validate(answer, schema)
        for name in {"id": 1, "features": {}, "collections": [{}], "conformsTo": "all"}.items():
            if name[0] in answer:
                with pytest.raises(jsonschema.ValidationError):
                    jsonschema.validate(answer | dict([name]), schema)


@pytest.mark.parametrize(
    ("written", "converted"),
    [
        ({"type": "null"}, {"type": "object", "nullable": True, "enum": [None]}),
        ({"const": "Feature"}, {"enum": ["Feature"]}),
        ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
        ({"prefixItems": [{"type": "number"}] * 2, "minItems": 2}, {"items": {"type": "number"}, "minItems": 2}),
        (
            {"prefixItems": [{"type": "number"}, {"type": "null"}]},
            {"items": {"anyOf": [{"type": "number"}, {"type": "object", "nullable": True, "enum": [None]}]}},
        ),
        ({"properties": {"const": {"default": 1, "title": "C"}}}, {"properties": {"const": {"title": "C"}}}),
    ],
)
def test_schemas_are_written_in_the_dialect_of_the_document(written, converted):
    assert as_30(written) == converted


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo (gdal-bin) is not installed: needs apt-get")
def test_gdal_reads_collections_and_items_without_a_complaint(stac):
    def ogrinfo(*arguments):
        done = subprocess.run(["ogrinfo", "-ro", *arguments], capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert "tessera-v1" in ogrinfo(f"OAPIF:{stac}")
    assert "Feature Count: 200" in ogrinfo("-al", "-so", f"OAPIF:{stac}/collections/tessera-v1")
