"""`atlas mcp` driven by the SDK's own client, over stdio and over HTTP on loopback."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

import atlas
from atlas.cli import cli
from tests.ports import free_port

RUN = ["-c", "from atlas.cli import main; main()", "mcp"]
TOOLS = ["products", "show", "which", "choose", "compare", "size", "recipe"]
BOX = [0.0, 52.0, 0.1, 52.1]


@pytest.fixture
def mcp():
    """The SDK, which takes long to import, and not every worker talks to a server."""
    return pytest.importorskip("mcp")


@pytest.fixture(scope="module")
def catalog():
    return atlas.open_catalog()


def environment(tmp_path):
    return {k: v for k, v in os.environ.items() if not k.startswith("ATLAS_")} | {"ATLAS_STATE_DIR": str(tmp_path)}


def as_json(value):
    return json.loads(json.dumps(value))


def sources(value):
    """Every source in an answer, at any depth."""
    if isinstance(value, dict):
        own = value.get("sources") or []
        return [*own, *(s for k, v in value.items() if k != "sources" for s in sources(v))]
    return [s for v in value for s in sources(v)] if isinstance(value, list) else []


async def converse(client):
    """Call each tool, then send invalid questions: answers by tool and question, and error messages."""
    assert [t.name for t in (await client.list_tools()).tools] == TOOLS
    answers, refusals = {}, {}
    for tool, arguments in {
        "products": {},
        "show": {"product": "tessera-v1"},
        "which": {"at": [36.8, -1.3], "year": 2021},
        "choose": {"at": [0.12, 52.2], "year": 2021, "use": "commercial", "facets": {"type": ["pixel"]}},
        "compare": {"products": ["tessera-v1", "aef-v1-annual"]},
        "size": {"product": "tessera-v1", "bbox": BOX, "steps": 2},
        "recipe": {"product": "tessera-v1", "lang": "python"},
    }.items():
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        answers[tool] = result.structured_content
        assert json.loads(result.content[0].text) == result.structured_content
    for tool, arguments in (
        ("show", {"product": "tesera-v1"}),
        ("which", {}),
        ("which", {"at": [200, 0]}),
        ("which", {"at": [0, 0], "bbox": BOX}),
        ("choose", {"facets": {"colour": ["red"]}}),
        ("choose", {"year": 2021, "last_year": 2018}),
        ("compare", {"products": ["tessera-v1"]}),
        ("size", {"product": "tessera-v1", "bbox": [0, 1, 2]}),
        ("recipe", {"product": "tessera-v1", "lang": "cobol"}),
        ("choose", {"use": "anything"}),
    ):
        result = await client.call_tool(tool, arguments)
        assert result.is_error, (tool, arguments)
        refusals[tool, json.dumps(arguments)] = result.content[0].text
    return answers, refusals


def check(found, catalog):
    answers, refusals = found
    assert [p["product"] for p in answers["products"]["products"]] == list(catalog.products)
    assert answers["show"]["facts"] == as_json(catalog["tessera-v1"].as_json()["facts"])
    assert answers["which"]["answers"] == as_json(catalog.coverage([36.8, -1.3], year=2021).as_json())
    chosen = answers["choose"]
    every = [*chosen["fits"], *chosen["may_fit"], *chosen["excluded"]]
    wanted = catalog.choose(at=[0.12, 52.2], year=2021, use="commercial", type="pixel")
    assert every == as_json(wanted.as_json())
    assert answers["compare"] == as_json(catalog.compare("tessera-v1", "aef-v1-annual").as_json())
    assert answers["size"] == as_json(catalog.volume("tessera-v1", BOX, steps=2).as_json())
    assert [r["language"] for r in answers["recipe"]["recipes"]]
    for tool, answer in answers.items():
        assert sources(answer), f"{tool} names no source"
        assert all(s.startswith("http") for s in sources(answer))
    for words in (
        "there is no product 'tesera-v1'; did you mean tessera-v1",
        "give a place: at, bbox or geojson",
        "lies outside the globe; longitude comes first",
        "at and bbox cannot be combined",
        "there is no facet 'colour'",
        "the years 2021 to 2018 end before they begin",
        "name at least two products to compare",
        "bbox: [0.0, 1.0, 2.0] is not 4 numbers",
        "there is no recipe in cobol for 'tessera-v1'; there is one in",
        "commercial",
    ):
        assert any(words in text for text in refusals.values()), (words, refusals)


def test_over_stdio_the_client_of_the_sdk_gets_the_answers_of_python(mcp, catalog, tmp_path):
    async def talk():
        server = mcp.StdioServerParameters(command=sys.executable, args=RUN, env=environment(tmp_path))
        async with mcp.Client(server) as client:
            return await converse(client)

    check(asyncio.run(talk()), catalog)


def test_over_http_on_loopback_the_client_of_the_sdk_gets_the_same(mcp, catalog, tmp_path):
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, *RUN, "--http", "--port", str(port)], env=environment(tmp_path), stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                said = (tmp_path / "log").read_text("utf-8")
                assert server.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.1)

        async def talk():
            async with mcp.Client(f"http://127.0.0.1:{port}/mcp") as client:
                return await converse(client)

        check(asyncio.run(talk()), catalog)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def test_without_its_extra_the_command_names_it(monkeypatch):
    for name in [m for m in sys.modules if m == "mcp" or m.startswith("mcp.")] + ["atlas.tools"]:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "mcp", None)
    result = CliRunner().invoke(cli, ["mcp"])
    assert result.exit_code == 1
    assert result.output == (
        "Error: 'atlas mcp' needs the library 'mcp', which is not installed. "
        "Install it with: pip install 'earth-embedding-atlas[mcp]'\n"
    )
