"""`atlas validate` following links, over the pages of an API, and over the network where allowed."""

import functools
import json
from http.server import SimpleHTTPRequestHandler

import pytest

from tests.commands.test_validate import GOOD, item, run, write
from tests.loopback_host import answering


def test_recursive_follows_links_once_and_reports_broken_ones(tmp_path):
    links = [
        {"rel": "item", "href": "./items/i.json"},
        {"rel": "child", "href": "./c.json"},
        {"rel": "item", "href": "gone.json"},
    ]
    collection = json.loads(GOOD.read_text()) | {"links": links}
    (tmp_path / "items").mkdir()
    write(tmp_path / "items", "i.json", item(1))
    path = write(tmp_path, "c.json", collection)
    assert run(path)[0] == 0
    code, output = run("--recursive", path)
    assert code == 2
    assert "gone.json - - - / - unreadable - no such file, but" in output
    assert "c.json links to it" in output
    assert "2 checked, 2 valid, 0 invalid, 1 could not be read" in output


def test_links_are_uri_references(tmp_path):
    names = ["a b.json", "50%25.json", "c#1.json"]
    links = [{"rel": "item", "href": href} for href in ("./a%20b.json", "50%25.json", "c%231.json#there")]
    for number, name in enumerate(names):
        write(tmp_path, name, item(number))
    path = write(tmp_path, "collection.json", json.loads(GOOD.read_text()) | {"links": links})
    assert run("--recursive", path) == (0, "4 checked, 4 valid, 0 invalid\n")


def test_links_that_lead_nowhere_are_told(tmp_path):
    hrefs = ["a\x00b.json", "x" * 5000, ".", "../" * 100, 7, None, "http://[bad", "file:///etc/hostname"]
    links = [{"rel": "item", "href": href} for href in hrefs]
    code, output = run("--recursive", write(tmp_path, "c.json", json.loads(GOOD.read_text()) | {"links": links}))
    assert code == 2
    assert "a link leads nowhere: 'a\\x00b.json'" in output
    assert "Traceback" not in output
    assert "1 checked, 0 valid, 1 invalid" in output  # the links that are not text are a fault of the Collection
    for address in ("http://[bad", "http://127.0.0.1:9/a b", "http://127.0.0.1:9/x"):
        code, output = run("--allow-network", address)
        assert code == 2
        assert address in output


def test_pages_of_an_api_are_followed(tmp_path):
    last = {"type": "FeatureCollection", "features": [item(3)], "links": [{"rel": "next", "href": "one.json"}]}
    first = {
        "type": "FeatureCollection",
        "features": [item(1), item(2)],
        "links": [{"rel": "next", "href": "two.json"}],
    }
    write(tmp_path, "two.json", last)
    path = write(tmp_path, "one.json", first)
    assert "2 checked" in run(path)[1]
    assert "3 checked, 3 valid" in run("--recursive", path)[1]


def test_addresses_need_permission():
    code, output = run("http://127.0.0.1:9/x.json")
    assert code == 2
    assert "--allow-network" in output


@pytest.fixture
def server(tmp_path):
    with answering(functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))) as url:
        yield url


def test_addresses_and_schemas_from_the_network_when_allowed(tmp_path, server):
    schema = f"{server}/x/v1.0.0/schema.json"
    (tmp_path / "x" / "v1.0.0").mkdir(parents=True)
    write(tmp_path / "x" / "v1.0.0", "schema.json", {"required": ["x:field"]})
    document = json.loads(GOOD.read_text())
    document["stac_extensions"].append(schema)
    document["links"] = [{"rel": "item", "href": "i.json"}]
    write(tmp_path, "c.json", document)
    write(tmp_path, "i.json", item(1))
    (tmp_path / "items.ndjson").write_text("\n".join(json.dumps(item(n)) for n in range(3)))
    assert run("--allow-network", f"{server}/items.ndjson") == (0, "3 checked, 3 valid, 0 invalid\n")
    code, output = run("--allow-network", "--recursive", f"{server}/c.json", f"{server}/no.json")
    assert code == 2
    assert "x/required" in output
    assert "HTTP 404" in output
    assert "2 checked, 1 valid, 1 invalid, 1 could not be read" in output
