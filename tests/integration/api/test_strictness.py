"""Unknown parameters, methods and media types are rejected at every endpoint."""

import gzip

import httpx
import pytest


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "GZIP", "identity, gzip", "x"])
def test_a_compressed_body_is_refused_in_words(http, coding):
    body = gzip.compress(b'{"limit": 1}')
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    answer = http.post("/search", content=body, headers=headers)
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    assert answer.json()["description"] == f"Content-Encoding: is {coding.lower()!r}; bodies are sent uncompressed"
    plain = http.post("/search", content=b'{"limit": 1}', headers={**headers, "Content-Encoding": "identity"})
    assert plain.status_code == 200


@pytest.fixture(scope="module")
def operations(stac):
    """Documented paths with example values, and their methods."""
    document = httpx.get(f"{stac}/api").json()
    found = {}
    for path, methods in document["paths"].items():
        filled = path
        for parameter in methods["get"]["parameters"]:
            if parameter["in"] == "path":
                filled = filled.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
        found[filled.replace("grid_0.15_52.25_2021", "same-000")] = sorted(m.upper() for m in methods)
    assert len(found) >= 20
    return found


def test_an_unknown_parameter_is_an_error_everywhere(site, operations):
    for path in [*operations, "/stac/api", "/stac/api.html", "/emb/v0.1.0/schema.json"]:
        answer = httpx.get(f"{site}{path}", params={"frobnicate": 1})
        assert (answer.status_code, answer.json()["parameter"]) == (400, "frobnicate"), path


def test_the_allowed_methods_are_all_named(site, operations):
    for path, methods in operations.items():
        allowed = ", ".join(sorted({*methods, "HEAD", "OPTIONS"}))
        asked = httpx.options(f"{site}{path}")
        assert (asked.status_code, asked.headers["allow"], asked.content) == (204, allowed, b""), path
        refused = httpx.put(f"{site}{path}", json={})
        assert (refused.status_code, refused.headers["allow"]) == (405, allowed), path
        assert refused.json()["code"] == "MethodNotAllowed"


def test_every_get_has_a_head(site, operations):
    for path in operations:
        whole, head = httpx.get(f"{site}{path}"), httpx.head(f"{site}{path}")
        assert (head.status_code, head.content) == (whole.status_code, b""), path
        assert head.headers.get("etag") == whole.headers.get("etag"), path


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/cql2+json"])
def test_a_body_that_is_not_json_by_its_type_is_refused(http, media_type):
    answer = http.post("/search", content=b"{}", headers={"Content-Type": media_type})
    assert (answer.status_code, answer.json()["parameter"]) == (415, "Content-Type")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"ids": ["\\u0000"]}'])
def test_a_body_that_is_no_object_is_named(http, body):
    answer = http.post("/search", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "body")


@pytest.mark.parametrize("fields", [",", "id,", "id,,bbox", "-", "+"])
def test_an_empty_name_among_fields_is_an_error(http, fields):
    answer = http.get("/search", params={"fields": fields})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "fields")


def test_a_search_of_collections_says_what_it_was_asked(http):
    document = http.get("/collections", params={"q": "annual", "limit": 1}).json()
    (own,) = [x["href"] for x in document["links"] if x["rel"] == "self"]
    assert own.endswith("/collections?q=annual&limit=1")
    assert httpx.get(own).json() == document
