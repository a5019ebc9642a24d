"""The API's own documentation, `/stac/api.html`, in Chromium."""

import pytest
from starlette.testclient import TestClient

from atlas.api.app import create_app
from atlas.settings import Settings

pytestmark = pytest.mark.browser


def test_it_fits_a_phone(browser):
    """Also where an example is one long word, such as the body of a search."""
    answer = TestClient(create_app(Settings(), "dbname=nothing host=/nowhere")).get("/stac/api.html")
    assert answer.status_code == 200
    page = browser.new_page(viewport={"width": 360, "height": 740})
    try:
        page.set_content(answer.text)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    finally:
        page.close()
    assert wide == 0
