"""Our verdict on realistic documents, valid and broken, equals that of Python `jsonschema`."""

import random

import jsonschema
import pytest

from bench._broken import broken
from bench._documents import SHAPES, documents
from stac_emb.identity import CORE_VERSIONS
from stac_emb.registry import core_uri, load_schema, normalise, vendored
from stac_emb.validate import Validator
from tests.extension.engines import PYTHON_REGISTRY

FORMATS = jsonschema.FormatChecker(["date-time"])
"""What `jsonschema` checks with the libraries at hand; what another format alone refuses is left out."""
_SLOW_ENGINE: dict[str, jsonschema.Draft7Validator] = {}


def reference(document) -> bool:
    """Whether core and every declared extension accept the document."""
    extensions = document.get("stac_extensions") or []
    if not isinstance(extensions, list) or not all(isinstance(uri, str) and vendored(uri) for uri in extensions):
        return False
    for uri in [core_uri(document["type"], document["stac_version"]), *map(normalise, extensions)]:
        if uri not in _SLOW_ENGINE:
            _SLOW_ENGINE[uri] = jsonschema.Draft7Validator(
                load_schema(uri), registry=PYTHON_REGISTRY, format_checker=FORMATS
            )
        if not _SLOW_ENGINE[uri].is_valid(document):
            return False
    return True


def compare(count, seed):
    """Names of documents with differing verdicts, and the number of each verdict."""
    chance = random.Random(seed)
    quick = Validator()
    seen = {True: 0, False: 0}
    unlike = []
    for number, document in enumerate(documents(count, seed)):
        changed = document if number % 5 == 0 else broken(document, chance)
        told = quick.validate(changed)
        faults = [fault for fault in told if not fault.rule.startswith("semantic/")]
        expected = reference(changed)
        seen[expected] += 1
        only_format = bool(faults) and all(fault.rule.endswith("/format") for fault in faults)
        # What a schema refuses may be told in the words of a rule that says more.
        if (faults and not only_format) if expected else not told:
            unlike.append((document["id"], expected, [(fault.pointer, fault.rule) for fault in faults]))
        if not told:
            assert quick.is_valid(changed)
    return unlike, seen


def test_documents_of_real_shapes_are_valid():
    for document in documents(80, 3):
        assert Validator().validate(document) == [], document["id"]


def test_every_shape_and_version_is_among_the_documents():
    found = documents(400)
    assert {document["stac_version"] for document in found} == set(CORE_VERSIONS)
    assert {document["type"] for document in found} == {"Feature", "Collection", "Catalog"}
    assert len({tuple(document.get("stac_extensions", ())) for document in found}) > 2 * len(SHAPES)
    assert documents(5, 9) == documents(5, 9) != documents(5, 8)


def test_verdicts_are_those_of_jsonschema():
    unlike, seen = compare(80, 11)
    assert unlike == []
    assert min(seen.values()) > 15


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20, 24))
def test_verdicts_on_many_variants_are_those_of_jsonschema(seed):
    unlike, seen = compare(400, seed)
    assert unlike == []
    assert min(seen.values()) > 80


@pytest.mark.parametrize("kind", [[], {}, ["Polygon"], 5, None, True])
def test_a_type_of_any_kind_is_a_fault_and_no_crash(kind):
    document = next(document for document in documents(20, 3) if document["type"] == "Feature")
    document["geometry"]["type"] = kind
    assert any(fault.pointer.startswith("/geometry") for fault in Validator().validate(document))
