"""stac-api-validator over every class that this API declares, offline, judged by what it prints.

Its exit code says nothing: with the API away it prints "Failed." and exits 0.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from atlas.api.app import create_app
from atlas.settings import Settings
from stac_emb.registry import registry
from tests.environments import own_environment
from tests.integration.api.conftest import fill, running
from tests.integration.conftest import fresh_database

# Making the environment counts as part of the first test.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
GLOBE = {"type": "Polygon", "coordinates": [[[-170, -70], [170, -70], [170, 70], [-170, 70], [-170, -70]]]}
CLASSES = ("core", "browseable", "children", "collections", "features", "item-search", "filter")
# Where the tool is wrong, and why; a message that is not among them is ours to mend.
TOOL_FAULTS = {
    "item-search#sort": [
        # it posts "collections": "clay-v0-sentinel", a string where the specification has an array
        r"\"collections\": \"clay-v0-sentinel\"} had unexpected status code 400",
    ],
    "item-search#fields": [
        # it takes the minimal default set that the specification recommends for the only one that is allowed,
        # although it asks for all properties when `include` is left out
        r"'exclude': \['geometry'\], 'include': (\[\]|None)}} response contained 'properties.title'",
        # it allows five members beside the one that was asked for; what makes an Item one for pystac is six
        r"response contained more than 5 extra fields",
    ],
    "item-search#query": [
        # as for the sort tests
        r"\"collections\": \"clay-v0-sentinel\"} had unexpected status code 400",
    ],
    "transaction": [
        # it deletes an Item that may not be there, and wants 204 all the same
        r"DELETE .* had unexpected status code 404 instead of 204",
        # PUT and PATCH are answered with the document; the specification allows that as well as an empty answer
        r"PUT .* had unexpected status code 200 instead of 204",
        r"PATCH .* had unexpected status code 200 instead of 204",
    ],
}
QUERY = {
    "comparison-field": "emb:dimensions",
    "eq-value": "128",
    "neq-value": "128",
    "lt-value": "768",
    "lte-value": "768",
    "gt-value": "64",
    "gte-value": "64",
    "substring-field": "title",
    "starts-with-value": "Til",
    "ends-with-value": "1",
    "contains-value": "ile",
    "in-field": "keywords",
    "in-values": "a,b",
}
TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def python():
    """The interpreter of the validator's environment, made from its pinned and hashed list."""
    return own_environment("api-validator")


@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    path = tmp_path_factory.mktemp("schemas") / "schemas.json"
    path.write_text(json.dumps({uri: str(s.path) for uri, s in registry().items()}), "utf-8")
    return path


def validate(python, schemas, root, conformance, *options, collection="tessera-v1"):
    command = [str(python), str(Path(__file__).with_name("offline_validator.py")), str(schemas), "--root-url", root]
    command += ["--conformance", conformance, "--collection", collection, "--geometry", json.dumps(GLOBE), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env={"PATH": os.environ["PATH"]})
    text = done.stdout + done.stderr
    assert not re.search(r"^Failed", text, re.MULTILINE), text[-3000:]
    assert "NOT AT HAND" not in text, re.findall("NOT AT HAND.*", text)
    _, found, verdict = text.rpartition("\nErrors:")
    assert found, f"no verdict:\n{text[-3000:]}"
    faults = [line[2:] for line in verdict.splitlines() if line.startswith("- ")]
    assert faults or verdict.split()[0] == "none", verdict
    return faults


@pytest.mark.parametrize("conformance", CLASSES)
def test_a_class_passes(python, schemas, stac, conformance):
    assert validate(python, schemas, stac, conformance) == []


def test_nobody_there_is_noticed(python, schemas):
    with pytest.raises(AssertionError):
        validate(python, schemas, "http://127.0.0.1:9/stac", "core")


@pytest.mark.parametrize("name", ["item-search#sort", "item-search#fields", "features#sort", "features#fields"])
def test_sort_and_fields_pass_as_far_as_the_tool_is_right(python, schemas, stac, name):
    # Clay has date-times: the tool sorts those of the answer itself and stops at the null of an annual product
    options = ("--fields-nested-property", "properties.title")
    faults = validate(python, schemas, stac, name, *options, collection="clay-v0-sentinel")
    assert_only_known(name, faults)


def assert_only_known(name, faults):
    known = TOOL_FAULTS.get(name, [])
    ours = [f for f in faults if not any(re.search(k, f) for k in known)]
    assert ours == [], "\n".join(ours)
    unheard = [k for k in known if not any(re.search(k, f) for f in faults)]
    assert unheard == [], "the tool does not say this any more"


@pytest.mark.parametrize("name", ["item-search#query", "features#query"])
def test_queries_pass_as_far_as_the_tool_is_right(python, schemas, stac, name):
    options = [text for option, value in QUERY.items() for text in (f"--query-{option}", value)]
    assert_only_known(name, validate(python, schemas, stac, name, *options, collection="clay-v0-sentinel"))


def test_transactions_pass_as_far_as_the_tool_is_right(python, schemas, cluster):
    with (
        fresh_database(cluster, fill) as conninfo,
        running(create_app(Settings(transactions_token=TOKEN), conninfo)) as url,
    ):
        options = ("--transaction-collection", "tessera-v1", "--auth-bearer-token", TOKEN)
        faults = validate(python, schemas, f"{url}/stac", "transaction", *options)
    assert_only_known("transaction", faults)


def test_every_declared_class_that_the_tool_knows_is_run(stac):
    """Declared STAC API extensions by the tool's names for them."""
    ran = {*CLASSES, "item-search#sort", "item-search#fields", "features#sort", "features#fields"}
    ran |= {"item-search#query", "features#query", "item-search#filter", "features#filter"}
    declared = httpx.get(f"{stac}/conformance").json()["conformsTo"]
    found = [
        re.search(
            r"api\.stacspec\.org/[^/]+/((?:ogcapi-)?(?:features|item-search|core|collections|browseable|children)(?:#\w+)?)$",
            c,
        )
        for c in declared
    ]
    assert {m.group(1).removeprefix("ogcapi-") for m in found if m} <= ran
