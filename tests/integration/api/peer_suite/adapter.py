"""Fixtures by which the test suite of stac-fastapi-pgstac speaks to another server over HTTP.

Copied as `conftest.py` beside its tests, into an environment of their own. `PEER_URL` is the address of the server
(without the landing page's path), `PEER_TOKEN` the token that lets it write, and `PEER_REPORT` the file that gets what
came of each test. The suite expects to be at the host
`test`: that is what requests name, while they go to the server's own address.
"""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from stac_pydantic import Collection, Item

PREFIX = "/stac"
DATA = Path(__file__).parent / "data"
# Applications of the suite's own making, with other settings than the server has.
ELSEWHERE = (
    "api_client",
    "app_advanced_freetext",
    "app_client_advanced_freetext",
    "app_client_no_ext",
    "app_client_no_transaction",
    "app_client_validate_ext",
    "default_app",
    "default_client",
    "pgstac",
    "postgres_settings",
)


class ToServer(httpx.AsyncHTTPTransport):
    """Sends every request to the server, whatever host it names.

    The suite reads the version of pgstac from the stock's health endpoint, whose place here is `/ready`.
    """

    async def handle_async_request(self, request):
        server = httpx.URL(os.environ["PEER_URL"])
        request.url = request.url.copy_with(scheme=server.scheme, host=server.host, port=server.port)
        if request.url.path != f"{PREFIX}/_mgmt/health":
            return await super().handle_async_request(request)
        request.url = request.url.copy_with(path="/ready")
        answer = await super().handle_async_request(request)
        ready = json.loads(await answer.aread())
        return httpx.Response(answer.status_code, json={"pgstac": {"pgstac_version": ready["pgstac"]}})


RESULTS = {}


def pytest_runtest_logreport(report):
    name = report.nodeid.removeprefix("tests/")
    if report.outcome != "passed":
        RESULTS[name] = f"{report.outcome}: {str(report.longrepr)[-600:]}"
    elif report.when == "call":
        RESULTS.setdefault(name, "passed")


def pytest_sessionfinish():
    Path(os.environ["PEER_REPORT"]).write_text(json.dumps(RESULTS), "utf-8")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.name == "test_mgmt.py":
            item.add_marker(pytest.mark.skip("the stock's own health endpoints; the server has /health and /ready"))


def not_over_http():
    pytest.skip("not over HTTP: the test makes or looks into an application of its own")


for _name in ELSEWHERE:
    globals()[_name] = pytest.fixture(name=_name)(lambda: not_over_http())


@pytest.fixture
def app():
    return SimpleNamespace(state=SimpleNamespace(router_prefix=PREFIX))


@pytest.fixture
async def app_client(app):
    headers = {"Authorization": f"Bearer {os.environ['PEER_TOKEN']}"}
    options = {"base_url": f"http://test{PREFIX}", "headers": headers, "timeout": 60, "transport": ToServer()}
    async with httpx.AsyncClient(**options) as client:
        for collection in (await client.get("/collections")).json()["collections"]:
            gone = await client.delete(f"/collections/{collection['id']}")
            assert gone.status_code == 204
        client.app = app
        yield client


def corners(numbers):
    """Positions of a GeoJSON geometry's coordinates."""
    return [numbers] if isinstance(numbers[0], int | float) else [p for part in numbers for p in corners(part)]


def read(name):
    """A document of the suite without two things that it is not about.

    The boxes of its Items cut their geometries off, which is a fault here; and what the schemas of extensions say of
    its documents is what the validator's own tests are about.
    """
    document = json.loads((DATA / name).read_text("utf-8"))
    if document.get("stac_extensions"):
        document["stac_extensions"] = []
    if document["type"] == "Feature":
        east, north = (max(p[axis] for p in corners(document["geometry"]["coordinates"])) for axis in (0, 1))
        west, south = (min(p[axis] for p in corners(document["geometry"]["coordinates"])) for axis in (0, 1))
        document["bbox"] = [west, south, east, north]
    return document


@pytest.fixture
def load_test_data():
    return read


async def _post(client, path, document):
    answer = await client.post(path, json=document)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
async def load_test_collection(app_client, load_test_data):
    made = await _post(app_client, "/collections", load_test_data("test_collection.json"))
    return Collection.model_validate(made).model_dump(mode="json")


@pytest.fixture
async def load_test_item(app_client, load_test_data, load_test_collection):
    made = await _post(app_client, f"/collections/{load_test_collection['id']}/items", load_test_data("test_item.json"))
    return Item.model_validate(made).model_dump(mode="json")


@pytest.fixture
async def load_test2_collection(app_client, load_test_data):
    return Collection.model_validate(await _post(app_client, "/collections", load_test_data("test2_collection.json")))


@pytest.fixture
async def load_test2_item(app_client, load_test_data, load_test2_collection):
    path = f"/collections/{load_test2_collection.id}/items"
    return Item.model_validate(await _post(app_client, path, load_test_data("test2_item.json")))
