"""Every request shown on the site's API page is answered, with a built site beside the API."""

import json

import httpx
import pytest

from atlas.api.app import create_app
from atlas.settings import Settings
from atlas.web.build import build_site
from atlas.web.pages.api import REQUESTS
from tests.catalogue import catalogue_of
from tests.integration.api.conftest import COLLECTIONS, running


@pytest.fixture(scope="module")
def server(api_database, tmp_path_factory):
    """Address of our server with a site of the products that its database holds, without a slash at the end."""
    folder = tmp_path_factory.mktemp("real") / "site"
    build_site(catalogue_of(*COLLECTIONS), folder, api="stac/")
    with running(create_app(Settings(), api_database, folder)) as url:
        yield url


@pytest.mark.parametrize("request_shown", REQUESTS, ids=lambda r: r.path or "landing")
def test_the_request_is_answered(server, request_shown):
    answer = httpx.get(f"{server}/stac/{request_shown.path}".rstrip("/"))
    assert answer.status_code == 200, answer.text
    if request_shown.path.endswith(".atom"):
        assert "<feed" in answer.text
    else:
        assert json.loads(answer.text)


def test_what_browsers_and_people_ask_for_first_is_there(server):
    moved = httpx.get(f"{server}/docs")
    assert (moved.status_code, moved.headers["location"]) == (308, "stac/api.html")
    assert httpx.get(f"{server}/docs", follow_redirects=True).text.startswith("<!doctype html>")
    icon = httpx.get(f"{server}/favicon.ico")
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")
    assert icon.content.startswith(b"<svg")


def test_the_built_site_is_served_with_its_api(server):
    with httpx.Client(base_url=server, timeout=60) as client:
        page = client.get("/api.html")
        assert page.status_code == 200
        assert 'href="stac/atlas/coverage?lon=0.12&amp;lat=52.2"' in page.text
        assert client.get("/emb/v0.1.0/").status_code == 200
        assert client.get("/emb/v0.1.0/schema.json").status_code == 200
        missing = client.get("/products/nobody.html")
        assert missing.status_code == 404
        assert "No such page" in missing.text
        for path in ("/static/site.css", "/data/coverage.js", "/products/tessera-v1.json", "/changes.atom"):
            assert client.get(path).status_code == 200, path
