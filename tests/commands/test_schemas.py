"""`atlas schemas` against a loopback host."""

import http.server
import json
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from atlas.cli import cli
from atlas.fetch.client import close_fetchers
from atlas.resources import data_dir
from stac_emb.registry import load_schema, registry
from stac_emb.schema_cache import schema_cache

GOOD = data_dir("schemas") / "emb" / "v0.1.0" / "examples" / "pixel-cog-collection.json"
VENDORED = "https://stac-extensions.github.io/eo/v1.1.0/schema.json"
PATH = "/x/v1.2.0/schema.json"


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("ATLAS_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("ATLAS_ALLOW_PRIVATE_ADDRESSES", "1")
    yield tmp_path / "state" / "schemas"
    close_fetchers()


@pytest.fixture
def host():
    """A host whose `files` a test sets; `url` is where it listens."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            data = self.server.files.get(self.path)
            self.server.asked.append(self.path)
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.files, server.asked = {PATH: schema_bytes()}, []
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def schema_bytes(**more):
    return json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", "required": ["x:field"], **more}).encode()


def run(*arguments):
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def declaring(path, *uris, **changes):
    document = json.loads(GOOD.read_text()) | changes
    document["stac_extensions"] += uris
    path.write_text(json.dumps(document))
    return path


def test_what_documents_declare_is_fetched_once_and_then_checked(tmp_path, host):
    uri = host.url + PATH
    path = declaring(tmp_path / "c.json", uri, VENDORED)
    assert run("validate", path)[0] == 0
    code, output = run("schemas", "fetch", path)
    assert code == 0
    assert f"fetched   {uri} " in output
    assert f"vendored  {VENDORED}" in output
    assert f"cached    {uri} " in run("schemas", "fetch", uri)[1]
    assert host.asked == [PATH]
    code, output = run("validate", path)
    assert code == 1
    assert "x/required" in output
    assert "not checked" not in output
    assert run("validate", declaring(path, uri, **{"x:field": 1}))[0] == 0


def test_a_list_of_identifiers_and_a_parquet_file_name_schemas_too(tmp_path, host):
    host.files["/y/v1.0.0/schema.json"] = schema_bytes(title="y")
    (tmp_path / "list.txt").write_text(f"# ours\n{host.url}{PATH}  # the first\n\n")
    column = pa.array([[f"{host.url}/y/v1.0.0/schema.json"], None], pa.list_(pa.string()))
    nothing = pa.nulls(2)
    names = ("type", "id", "geometry", "bbox", "links", "assets", "stac_version", "datetime")
    table = pa.table(dict.fromkeys(names, nothing) | {"stac_extensions": column})
    pq.write_table(table, tmp_path / "items.parquet")
    code, output = run("schemas", "fetch", "--json", "--list", tmp_path / "list.txt", tmp_path / "items.parquet")
    assert code == 0, output
    assert {row["uri"]: row["outcome"] for row in json.loads(output)} == {
        host.url + PATH: "fetched",
        f"{host.url}/y/v1.0.0/schema.json": "fetched",
    }


def test_what_a_schema_refers_to_comes_along(host):
    meta = "http://json-schema.org/draft-07/schema"
    parts = {
        "properties": {
            "a": {"$ref": "../v1.2.0/part.json#/definitions/a"},
            "b": {"$ref": meta},
            "c": {"$ref": VENDORED},
        }
    }
    host.files[PATH] = schema_bytes(**parts)
    host.files["/x/v1.2.0/part.json"] = schema_bytes(definitions={"a": {"$ref": "#/definitions/b"}, "b": {}})
    code, output = run("schemas", "fetch", host.url + PATH)
    assert code == 0
    assert sorted(line.split()[0] for line in output.splitlines()) == ["fetched", "fetched", "vendored"]
    assert sorted(host.asked) == ["/x/v1.2.0/part.json", PATH]


@pytest.mark.parametrize("answer", [None, b"<html>", b"[]", b'{"code": 404}', b"[" * 100_000])
def test_what_is_no_schema_is_not_kept(host, answer, state):
    if answer is None:
        del host.files[PATH]
    else:
        host.files[PATH] = answer
    host.files["/y.json"] = schema_bytes()
    code, output = run("schemas", "fetch", host.url + PATH, f"{host.url}/y.json")
    assert code == 1
    assert f"failed    {host.url}{PATH} " in output
    assert f"fetched   {host.url}/y.json" in output
    assert set(schema_cache().entries()) == {f"{host.url}/y.json"}
    assert not list(state.glob("*.part"))


def test_a_changed_file_is_seen_and_never_used(tmp_path, host, state):
    uri = host.url + PATH
    path = declaring(tmp_path / "c.json", uri, **{"x:field": 1})
    assert run("schemas", "fetch", path)[0] == 0
    (kept,) = [name for name in state.iterdir() if name.name != "index.json"]
    kept.write_bytes(kept.read_bytes() + b" ")
    code, output = run("schemas", "list")
    assert code == 1
    assert f"damaged: {uri}: " in output
    assert "the checksum differs" in output
    code, output = run("validate", "--strict", path)
    assert code == 1
    assert "cannot be used" in output
    assert "the checksum differs" in output
    host.files[PATH] = schema_bytes(title="newer")
    assert f"changed   {uri} " in run("schemas", "fetch", "--again", uri)[1]
    assert run("validate", "--strict", path)[0] == 0
    assert run("schemas", "list")[0] == 0


def test_a_damaged_index_is_told(state):
    state.mkdir(parents=True)
    (state / "index.json").write_text("[")
    result = CliRunner().invoke(cli, ["schemas", "list"])
    assert "the index of the schema cache is damaged" in str(result.exception)


def test_nothing_to_fetch_and_unreadable_files_are_told(tmp_path, host):
    assert run("schemas", "fetch")[0] == 2
    code, output = run("schemas", "fetch", tmp_path / "no.json", host.url + PATH)
    assert code == 2
    assert "no.json: " in output
    assert "fetched" in output


def test_private_hosts_need_the_setting(host, monkeypatch):
    monkeypatch.delenv("ATLAS_ALLOW_PRIVATE_ADDRESSES")
    code, output = run("schemas", "fetch", host.url + PATH)
    assert code == 1
    assert "failed" in output
    assert host.asked == []


def test_the_list_shows_versions_kinds_and_checksums(host):
    assert run("schemas", "fetch", host.url + PATH)[0] == 0
    code, output = run("schemas", "list", "--json")
    assert code == 0
    rows = {row["uri"]: row for row in json.loads(output)}
    assert set(registry()) < set(rows)
    assert rows[VENDORED]["kind"] == "bundled"
    assert rows[VENDORED]["version"] == "1.1.0"
    assert rows[VENDORED]["sha256"] == registry()[VENDORED].sha256
    cached = rows[host.url + PATH]
    assert (cached["kind"], cached["version"], cached["problem"]) == ("fetched", "1.2.0", None)
    assert f"{len(rows)} schemas: " in run("schemas", "list")[1]
    assert load_schema(VENDORED)["$schema"]
