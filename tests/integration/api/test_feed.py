"""The feed over HTTP: the site's where there is one, else the API's own; conditional requests."""

import httpx
import pytest
from lxml import etree

from atlas.api.app import create_app
from atlas.settings import Settings
from tests.api.test_feed import SCHEMA, crawl
from tests.integration.api.conftest import running

PATH = "/stac/atlas/feed.atom"


@pytest.fixture
def state_dir(tmp_path):
    crawl(tmp_path / "crawls")
    return tmp_path


def test_without_a_site_the_feed_is_made_from_records_and_crawls(api_database, state_dir):
    with running(create_app(Settings(state_dir=state_dir), api_database)) as url:
        answer = httpx.get(f"{url}{PATH}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/atom+xml")
        assert answer.headers["last-modified"] == "Tue, 01 Dec 2026 10:00:00 GMT"
        SCHEMA.assertValid(etree.fromstring(answer.content))
        assert "the record states 5, the index 6" in answer.text
        assert f'href="{url}{PATH}"' in answer.text
        held = {"If-None-Match": answer.headers["etag"]}, {"If-Modified-Since": answer.headers["last-modified"]}
        for headers in held:
            again = httpx.get(f"{url}{PATH}", headers=headers)
            assert (again.status_code, again.content) == (304, b"")
        older = {"If-Modified-Since": "Tue, 01 Dec 2026 09:59:59 GMT"}, {"If-Modified-Since": "yesterday"}
        # an ETag that differs counts, whatever the date says (RFC 9110)
        older += ({"If-None-Match": '"x"', **held[1]},)
        assert [httpx.get(f"{url}{PATH}", headers=h).status_code for h in older] == [200, 200, 200]
        assert httpx.get(f"{url}{PATH}?since=2026").status_code == 400


def test_with_a_site_the_feed_is_the_site_s(api_database, state_dir):
    (state_dir / "changes.atom").write_text("<feed/>", "utf-8")
    with running(create_app(Settings(state_dir=state_dir), api_database, state_dir)) as url:
        answer = httpx.get(f"{url}{PATH}")
        assert (answer.headers["content-type"], answer.text) == ("application/atom+xml", "<feed/>")
        assert httpx.get(f"{url}{PATH}", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
