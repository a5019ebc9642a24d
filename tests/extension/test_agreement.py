"""Schema, pydantic models and pystac class accept and reject the same objects."""

import copy
import json

import jsonschema_rs
import pystac
import pytest
from hypothesis import HealthCheck, example, given, settings

from atlas.errors import ValidationFailed
from stac_emb.document import parse_document
from stac_emb.identity import SCHEMA_URI
from stac_emb.pystac_extension import EmbeddingExtension
from stac_emb.registry import load_schema
from tests.extension.engines import EMB, EXAMPLES, INVALID, read
from tests.extension.strategies import documents

SCHEMA = jsonschema_rs.Draft7Validator(load_schema(SCHEMA_URI))
SEEN = {True: 0, False: 0}


def by_model(document):
    try:
        parse_document(document)
    except ValidationFailed:
        return False
    return True


def by_pystac(document):
    kind = pystac.Item if document["type"] == "Feature" else pystac.Collection
    obj = kind.from_dict(copy.deepcopy(document))
    try:
        EmbeddingExtension.ext(obj).check()
    except ValidationFailed:
        return False
    return True


def agree(document):
    document = json.loads(json.dumps(document))
    expected = SCHEMA.is_valid(document)
    SEEN[expected] += 1
    assert by_model(document) is expected
    assert by_pystac(document) is expected


FEW, MANY = (
    settings(max_examples=n, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    for n in (130, 1000)
)


@FEW
@given(documents())
@example(read(EXAMPLES[0]))
def test_random_documents_are_judged_alike(document):
    agree(document)


@pytest.mark.slow
@MANY
@given(documents())
def test_many_random_documents_are_judged_alike(document):
    agree(document)


BASES = {path.stem: read(path) for path in EXAMPLES}
EDGES = [
    ("pixel-cog-collection", {"emb:dimensions": True}, False),
    ("pixel-cog-collection", {"emb:dimensions": 64.0}, True),
    ("pixel-cog-collection", {"emb:dimensions": 1e300}, True),
    ("pixel-cog-collection", {"emb:dimensions": "64"}, False),
    ("pixel-cog-collection", {"emb:dimensions": None}, False),
    ("pixel-cog-collection", {"emb:model": {"name": "x", "version": None}}, False),
    ("pixel-cog-collection", {"emb:uncertainty": {}}, False),
    ("coarse-raster-degrees-collection", {"emb:footprint": {"size": [10, True], "unit": "m"}}, False),
    ("coarse-raster-degrees-collection", {"emb:footprint": {"size": [10, 20], "unit": "m"}}, True),
    ("pixel-cog-collection", {"emb:completeness": {"default": "complete", "years": {"24": "partial"}}}, False),
    ("pixel-cog-collection", {"emb:completeness": {"default": "complete", "years": {}}}, False),
    ("pixel-cog-collection", {"emb:model": {"name": "x", "more": None}}, True),
    ("pixel-cog-collection", {"emb:temporal_resolution": "every full moon"}, True),
    ("pixel-cog-collection", {"emb:quantization": {"method": "of_tomorrow", "own": 1}}, True),
    ("pixel-cog-collection", {"emb:similarity": []}, False),
    ("pixel-cog-collection", {"emb:temporal_window": "P"}, False),
    ("pixel-cog-collection", {"emb:temporal_window": "P1YT"}, False),
    ("pixel-cog-collection", {"emb:space": "No Spaces"}, False),
    ("pixel-cog-collection", {"emb:space": "https://example.com/spaces/a"}, True),
    ("pixel-cog-collection", {"emb:space": "https://example.com/no spaces"}, False),
    ("pixel-cog-collection", {"summaries": {"emb:dimensions": []}}, False),
    ("pixel-cog-collection", {"summaries": {"emb:dimensions": {"minimum": 1, "maximum": 2}}}, True),
    ("pixel-npy-scales-collection", {"emb:absent": {"gsd": "varies", "sci:doi": "not_looked_up"}}, True),
    ("pixel-npy-scales-collection", {"emb:absent": {"gsd": "unknown"}}, False),
    ("pixel-npy-scales-collection", {"emb:absent": {}}, False),
]


@pytest.mark.parametrize(("name", "change", "expected"), EDGES)
def test_edges_are_judged_alike(name, change, expected):
    document = BASES[name] | change
    assert SCHEMA.is_valid(document) is expected
    assert by_model(document) is expected
    assert by_pystac(document) is expected


def test_both_verdicts_were_seen():
    # The comparison above would be empty if all documents were refused, or none.
    assert SEEN[True] > 20
    assert SEEN[False] > 20


def test_examples_and_broken_documents_are_judged_alike():
    for path in EXAMPLES:
        assert by_model(read(path)), path
    for name in INVALID:
        assert not by_model(read(EMB / "invalid" / name)), name
