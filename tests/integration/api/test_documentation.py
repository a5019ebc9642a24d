"""Every request of docs/api.md is sent and gives the documented answer."""

import re
from pathlib import Path

import httpx
import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
REQUESTS = [
    line.removeprefix("GET ")
    for block in re.findall(r"```http\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]
MISSING = "collections: Items of 'tessera-v1' may be missing here: the producer's index was not read as a whole"


@pytest.mark.parametrize("request_line", REQUESTS)
def test_a_documented_request_is_answered(site, request_line):
    answer = httpx.get(site + request_line)
    assert answer.status_code == 200, answer.text
    # of the Items that the page asks for the test's database has none, which is all that there may be to say
    assert answer.headers.get("atlas-notice", MISSING) == MISSING
    assert ("atlas:notices" in answer.text) == ("atlas-notice" in answer.headers)


def test_the_page_shows_requests_of_each_kind():
    paths = {r.partition("?")[0] for r in REQUESTS}
    assert {"/stac/search", "/stac/collections", "/stac/atlas/coverage", "/stac/atlas/choose"} <= paths
