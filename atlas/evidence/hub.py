"""Cards and files on the Hugging Face hub, at the revision that it names (https://huggingface.co/docs/hub/api)."""

import re
from urllib.parse import quote

from atlas.evidence.passages import Text
from atlas.evidence.places import Place
from atlas.evidence.reading import LARGEST, GoneError, Reading
from atlas.fetch.client import Fetcher
from atlas.fetch.faults import FetchError, HttpStatus, Missing
from atlas.fetch.reply import Reply

__all__ = ["Hub"]

WEB = "https://huggingface.co"
_SHA = re.compile(r"[0-9a-f]{40,64}\Z")


class Hub:
    """Reads places on the hub."""

    def __init__(self, fetcher: Fetcher, base: str, token: str | None = None) -> None:
        """Keep fetcher and address; the fetcher is limited to the hub, so that the token goes nowhere else."""
        self._fetcher, self._base = fetcher, base
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def read(self, place: Place) -> Reading:
        """Read a place.

        Raises:
            GoneError: repository or file no longer exists.
            FetchError: it cannot be read.
        """
        branch = "main" if place.pinned or not place.ref else place.ref
        revision, name = self._revision(place.repo, branch)
        kind = place.repo.rpartition("/")[0].rpartition("/")[0]
        repo = f"{kind}/{name}" if kind else name
        history = f"{WEB}/{repo}/commits/{quote(branch)}/{quote(place.path)}"
        detail = f"the repository is now {repo}" if repo.lower() != place.repo.lower() else ""
        try:
            new = self._text(repo, revision, place.path)
        except Missing:
            raise GoneError("the file is no longer in the repository", history) from None
        old, cited_gone = None, False
        if place.pinned:
            try:
                old = self._text(repo, place.ref, place.path)
            except Missing:
                detail, cited_gone = f"revision {place.ref[:8]}, which the record cites, no longer exists", True
        return Reading(new, old, place.ref[:8] if old else "", revision, lambda: history, detail, cited_gone)

    def _revision(self, repo: str, branch: str) -> tuple[str, str]:
        """The commit of a branch, and the present name of the repository."""
        kind = "" if repo.startswith(("datasets/", "spaces/")) else "models/"
        end = "" if branch == "main" else f"/revision/{quote(branch)}"
        about = self._ask(f"{self._base}/api/{kind}{quote(repo)}{end}").json(what="description of the repository")
        sha = about.get("sha") if isinstance(about, dict) else None
        if not isinstance(sha, str) or not _SHA.match(sha):
            raise FetchError(f"{self._base}/api/{kind}{repo}: the hub names no revision")
        name, given = about.get("id"), "/".join(repo.split("/")[-2:])
        right = isinstance(name, str) and re.fullmatch(r"[\w.-]+/[\w.-]+", name) and ".." not in name
        return sha, name if right else given

    def _text(self, repo: str, revision: str, path: str) -> Text:
        url = f"{self._base}/{quote(repo)}/resolve/{quote(revision)}/{quote(path)}"
        return Text(self._ask(url, gone=False).content, path)

    def _ask(self, url: str, *, gone: bool = True) -> Reply:
        try:
            reply = self._fetcher.get(url, headers=self._headers, max_bytes=LARGEST, expect=(200, 401))
        except Missing as error:
            if not gone:
                raise
            raise GoneError(f"the hub answers {error.status}") from None
        if reply.status == 401:
            # Without an account, the hub answers 401 also for a repository that does not exist.
            if reply.headers.get("x-error-code") == "RepoNotFound":
                raise GoneError("the hub knows no such repository, or it is private")
            raise HttpStatus(f"{url}: the hub asks for an account", 401)
        return reply
