"""A loopback host that speaks GitHub's and the Hugging Face hub's protocols and serves pages."""

import datetime as dt
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from atlas.evidence.check import Watch, check_uses
from atlas.evidence.values import Use
from atlas.fetch.policy import FetchPolicy
from atlas.settings import Settings
from tests.sources.conftest import Web

PIN = "1f8830cb00000000000000000000000000000000"
NEW = "beefbeef00000000000000000000000000000000"


class Hosts:
    """One loopback server in place of GitHub, the hub and other hosts."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.commits: dict[tuple[str, str, str], str] = {}
        """Repository, path and commit (empty: the head) to the newest commit that touches the path."""
        self.settings = Settings(
            allow_private_addresses=True,
            github_api=f"{web.url}/api",
            github_raw=f"{web.url}/raw",
            hub_url=f"{web.url}/hub",
            github_token="of-github",
            hub_token="of-the-hub",
        )
        web.routes["/api/repos/o/r/commits"] = self._commits

    def file(self, path: str, old: str | bytes | None, new: str | bytes | None) -> None:
        """A file of the repository o/r at the cited commit and at the newest one."""
        for ref, text in ((PIN, old), ("HEAD", new)):
            if text is not None:
                self.web.objects[f"/raw/o/r/{ref}/{path}"] = text.encode() if isinstance(text, str) else text
        self.commits["o/r", path, ""] = NEW

    def card(self, repo: str, text: str, sha: str = NEW) -> None:
        """A dataset card on the hub."""
        kind = "" if repo.startswith("datasets/") else "models/"
        name = "/".join(repo.split("/")[-2:])
        self.web.objects[f"/hub/api/{kind}{repo}"] = json.dumps({"id": name, "sha": sha}).encode()
        self.web.objects[f"/hub/{repo}/resolve/{sha}/README.md"] = text.encode()

    def check(self, source: str, values: dict, kept=None, **options):
        """Check one source and return its result."""
        return self.found(source, values, kept, **options).check

    def found(self, source: str, values: dict, kept=None, *, settings=None, policy=None, fresh=False):
        use = Use("p", source, dt.date(2026, 3, 14), values)
        manners = policy or FetchPolicy(hosts=(), allow_private=True, rate=1e6, attempts=2, backoff=0.001)
        watch = Watch([source], settings or self.settings, policy=manners)
        try:
            return check_uses([use], {("p", source): kept} if kept else {}, watch, fresh=fresh)[0]
        finally:
            watch.close()

    def asked(self, beginning: str) -> list[str]:
        """Paths that were requested."""
        return [path for _, path, _ in self.web.log if path.startswith(beginning)]

    def _commits(self, handler) -> None:
        query = parse_qs(urlsplit(handler.path).query)
        sha = self.commits.get(("o/r", query.get("path", [""])[0], query.get("sha", [""])[0]))
        handler.reply(200, json.dumps([{"sha": sha}] if sha else []).encode())


@pytest.fixture
def hosts():
    server = Web()
    try:
        yield Hosts(server)
    finally:
        server.stop()
