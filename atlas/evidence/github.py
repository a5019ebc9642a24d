"""Files, folders, issues and repositories on GitHub.

REST API: https://docs.github.com/en/rest. Files come from the raw host, which needs no token and has no rate limit;
the API is only used for commits, issues, and the new name of a repository.
"""

import datetime as dt
import re
import time
from collections.abc import Callable
from urllib.parse import quote, urlencode

from atlas.evidence.passages import Text
from atlas.evidence.places import Place
from atlas.evidence.reading import LARGEST, GoneError, Reading
from atlas.fetch.client import Fetcher
from atlas.fetch.faults import FetchError, HttpStatus, Missing
from atlas.fetch.policy import retry_after
from atlas.fetch.reply import Reply, whole_number

__all__ = ["GitHub"]

WEB = "https://github.com"
LONGEST_LIMIT = 24 * 3600.0
"""Seconds after which a rate limit is taken to have ended."""
_NAME = re.compile(r"[\w.-]+/[\w.-]+\Z")
_JSON = "application/vnd.github+json"
_RAW = "application/vnd.github.raw+json"


class GitHub:
    """Reads places on GitHub; thread-safe."""

    def __init__(
        self,
        api: tuple[Fetcher, str],
        raw: tuple[Fetcher, str],
        token: str | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Keep fetchers and addresses.

        Args:
            api: fetcher that is limited to the host of the API, and the API's base address.
            raw: fetcher and base address of the raw host.
            token: sent to the API.
            sleep: waits for a rate limit that ends soon.
            clock: seconds since 1970, as GitHub states the end of a rate limit.
        """
        (self._api, self._api_base), (self._raw, self._raw_base) = api, raw
        self._headers = {"X-GitHub-Api-Version": "2022-11-28"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._sleep, self._clock = sleep, clock
        self._limited_until = 0.0

    def read(self, place: Place) -> Reading:
        """Read a place.

        Raises:
            GoneError: repository, file or issue no longer exists.
            FetchError: it cannot be read, or the rate limit is reached.
        """
        readers = {"github-file": self._file, "github-tree": self._tree, "github-issue": self._issue}
        return readers.get(place.kind, self._readme)(place)

    def _file(self, place: Place) -> Reading:
        repo, detail = place.repo, ""
        now = "HEAD" if place.pinned else place.ref
        try:
            new = self._text(repo, now, place.path)
        except Missing:
            repo = self._name_now(place.repo)
            if repo.lower() == place.repo.lower():
                raise self._file_gone(repo, place) from None
            try:
                new = self._text(repo, now, place.path)
            except Missing:
                raise self._file_gone(repo, place) from None
            detail = f"the repository is now {repo}"
        if not place.pinned:
            return Reading(new, difference=lambda: f"{WEB}/{repo}/commits/{now}/{quote(place.path)}", detail=detail)
        try:
            old = self._text(repo, place.ref, place.path)
        except Missing:
            gone = f"commit {place.ref[:8]}, which the record cites, no longer exists"
            history = f"{WEB}/{repo}/commits/HEAD/{quote(place.path)}"
            return Reading(new, difference=lambda: history, detail=gone, cited_gone=True)

        def difference() -> str:
            try:
                newest = self._newest(repo, place.path) or "HEAD"
            except (FetchError, GoneError):  # such as a rate limit: GitHub also resolves HEAD
                newest = "HEAD"
            return f"{WEB}/{repo}/compare/{place.ref}...{newest}"

        return Reading(new, old, place.ref[:8], "", difference, detail)

    def _file_gone(self, repo: str, place: Place) -> GoneError:
        newest = self._newest(repo, place.path)
        difference = f"{WEB}/{repo}/commit/{newest}" if newest else ""
        return GoneError("the file is no longer in the repository", difference)

    def _tree(self, place: Place) -> Reading:
        newest = self._newest(place.repo, place.path)
        if newest is None:
            raise GoneError("the folder is not in the repository", f"{WEB}/{place.repo}")
        if not place.pinned:
            return Reading(Text(newest.encode()), version=newest, difference=lambda: place.url)
        cited = self._newest(place.repo, place.path, place.ref)
        if cited is None:
            msg = f"commit {place.ref[:8]}, which the record cites, no longer exists"
            history = f"{WEB}/{place.repo}/commits/HEAD/{quote(place.path)}"
            return Reading(
                Text(newest.encode()), version=newest, difference=lambda: history, detail=msg, cited_gone=True
            )
        return Reading(
            Text(newest.encode()),
            Text(cited.encode()),
            place.ref[:8],
            newest,
            lambda: f"{WEB}/{place.repo}/compare/{place.ref}...{newest}",
        )

    def _issue(self, place: Place) -> Reading:
        base = f"repos/{place.repo}/issues/{place.path}"
        issue = self._ask(base).object(what="issue")
        words = [str(issue.get(key) or "") for key in ("title", "state", "state_reason", "body")]
        if issue.get("comments"):
            comments = self._ask(f"{base}/comments?per_page=100").json(what="list of comments")
            words += [str(c.get("body") or "") for c in comments if isinstance(c, dict)] if comments else []
        text = Text("\n\n".join(words).encode(errors="replace"), "issue.md")
        return Reading(text, version=str(issue.get("updated_at") or ""), difference=lambda: place.url)

    def _readme(self, place: Place) -> Reading:
        reply = self._ask(f"repos/{place.repo}/readme", accept=_RAW)
        return Reading(Text(reply.content, "README.md"), difference=lambda: f"{WEB}/{place.repo}/commits/HEAD")

    def _text(self, repo: str, ref: str, path: str) -> Text:
        url = f"{self._raw_base}/{quote(repo)}/{quote(ref)}/{quote(path)}"
        reply = self._raw.get(url, max_bytes=LARGEST)
        # The raw host sends pages as text/plain, so only the name tells the type of a file.
        return Text(reply.content, path, "text/html" if path.lower().endswith((".html", ".htm")) else "")

    def _name_now(self, repo: str) -> str:
        """The present name of a repository: GitHub redirects from its former names."""
        name = self._ask(f"repos/{repo}").object(what="repository").get("full_name")
        return name if isinstance(name, str) and _NAME.match(name) and ".." not in name else repo

    def _newest(self, repo: str, path: str, ref: str = "") -> str | None:
        """The newest commit that changed a path, up to a commit or to the head of the default branch; None if none."""
        asked = {"per_page": "1"} | ({"path": path} if path else {}) | ({"sha": ref} if ref else {})
        try:
            found = self._ask(f"repos/{repo}/commits?{urlencode(asked)}").json(what="list of commits")
        except GoneError:
            if not ref:
                raise
            return None  # the commit is missing, not the repository
        sha = found[0].get("sha") if isinstance(found, list) and found and isinstance(found[0], dict) else None
        return sha if isinstance(sha, str) and sha.isalnum() else None

    def _ask(self, path: str, *, accept: str = _JSON) -> Reply:
        url = f"{self._api_base}/{path}"
        for _ in range(2):
            wait = self._limited_until - self._clock()
            if wait > self._api.policy.longest_wait:
                break
            if wait > 0:
                self._sleep(wait)
            try:
                reply = self._api.get(
                    url, headers=self._headers | {"Accept": accept}, max_bytes=LARGEST, expect=(200, 403, 429)
                )
            except Missing as error:
                raise GoneError(f"GitHub answers {error.status}") from None
            self._heed(reply)
            if reply.status == 200:
                return reply
            if self._limited_until <= self._clock():
                raise HttpStatus(f"{url}: the host answers {reply.status}", reply.status)
        raise self._limit(url)

    def _heed(self, reply: Reply) -> None:
        """Note when the rate limit ends."""
        pause = retry_after(reply.headers.get("retry-after")) if reply.status != 200 else None
        reset = whole_number(reply.headers.get("x-ratelimit-reset"))
        if pause is None and reply.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
            pause = reset - self._clock()
        if pause is not None and pause > 0:
            self._limited_until = self._clock() + min(pause, LONGEST_LIMIT)

    def _limit(self, url: str) -> FetchError:
        until = dt.datetime.fromtimestamp(self._limited_until, dt.UTC)
        limit = f"GitHub's rate limit is reached until {until:%Y-%m-%d %H:%M} UTC"
        msg = f"{url}: {limit} (ATLAS_GITHUB_TOKEN allows more)"
        return FetchError(msg)
