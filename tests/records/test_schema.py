"""JSON Schemas for editors: current, valid for the files, and as strict as the models."""

import jsonschema
import orjson
import pytest

from atlas.records.schema import record_schemas, write_schemas
from atlas.records.yaml_text import parse_yaml
from atlas.resources import data_dir

FILES = {
    "product.json": sorted((data_dir("catalog") / "products").glob("*.yaml")),
    "facet.json": sorted((data_dir("catalog") / "taxonomy").glob("*.yaml")),
    "inputs.json": [data_dir("catalog") / "inputs.yaml"],
    "spaces.json": [data_dir("catalog") / "spaces.yaml"],
    "ecosystem.json": [data_dir("catalog") / "ecosystem.yaml"],
}


def test_the_files_are_as_generated(tmp_path):
    for fresh in write_schemas(tmp_path):
        kept = data_dir("schemas") / "records" / fresh.name
        assert kept.read_bytes() == fresh.read_bytes(), f"run python -m atlas.records.schema: {fresh.name} differs"


@pytest.mark.parametrize("name", FILES)
def test_every_catalogue_file_is_valid(name):
    schema = record_schemas()[name]
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    assert FILES[name]
    for file in FILES[name]:
        faults = [error.message for error in validator.iter_errors(parse_yaml(file.read_text("utf-8")).data)]
        assert faults == [], file.name


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("title",), 5),
        (("colour",), "red"),
        (("embedding", "type"), "cloud"),
        (("embedding", "quantization", "method"), "magic"),
        (("evidence", "title"), [{"strength": "primary"}]),
    ],
)
def test_what_the_models_refuse_an_editor_marks(path, value):
    record = parse_yaml((data_dir("catalog") / "products" / "aef-v1-annual.yaml").read_text("utf-8")).data
    target = record
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    validator = jsonschema.Draft7Validator(orjson.loads((data_dir("schemas") / "records/product.json").read_bytes()))
    assert not validator.is_valid(record)


def test_every_field_is_explained():
    for name, schema in record_schemas().items():
        parts = {**schema.get("definitions", {}), name: schema}
        for owner, part in parts.items():
            for field, member in part.get("properties", {}).items():
                assert member.get("description"), f"{name}: {owner}.{field} has no explanation"
