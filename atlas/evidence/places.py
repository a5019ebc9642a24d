"""The kind of a source by its address: GitHub, the Hugging Face hub, or any other page."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

__all__ = ["Place", "place_of"]

_COMMIT = re.compile(r"[0-9a-f]{7,64}\Z")
_LINES = re.compile(r"L(\d+)(?:C\d+)?(?:-L?(\d+)(?:C\d+)?)?\Z")
_HUB_KINDS = {"datasets", "spaces"}
_HUB_PAGES = {"docs", "papers", "blog", "collections", "learn", "posts", "join", "pricing", "tasks", "api"}
_GITHUB_PAGES = {"orgs", "topics", "search", "about", "features", "sponsors", "settings", "marketplace"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source is.

    Attributes:
        kind: `github-file`, `github-tree`, `github-issue`, `github-readme`, `hub-file` or `page`; `none` where a source
            has no address.
        url: as in the record, without its fragment; the source's text where there is no address.
        repo: `owner/name`, on the hub with its kind: `datasets/owner/name`.
        ref: commit, branch or revision; empty where the address names none.
        path: of a file or folder in the repository; number of an issue.
        lines: first and last line that the address names.
    """

    kind: str
    url: str
    repo: str = ""
    ref: str = ""
    path: str = ""
    lines: tuple[int, int] | None = None

    @property
    def pinned(self) -> bool:
        """Whether the address names a commit, whose text never changes."""
        return bool(_COMMIT.match(self.ref))


def place_of(source: str) -> Place:
    """The place behind the source of a record."""
    try:
        parts = urlsplit(source)
        host = (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        return Place("none", source)
    if parts.scheme not in {"http", "https"} or not host:
        return Place("none", source)
    url = source.partition("#")[0]
    steps = [unquote(step) for step in parts.path.split("/") if step]
    # Steps such as `..` are never part of an address of these hosts, and must not reach another repository.
    known = not any(step in {".", ".."} for step in steps)
    found = None
    if known and host == "github.com":
        found = _github(url, steps, _lines(parts.fragment))
    elif known and host == "raw.githubusercontent.com" and len(steps) > 3:
        found = Place("github-file", url, "/".join(steps[:2]), steps[2], "/".join(steps[3:]))
    elif known and host == "huggingface.co":
        found = _hub(url, steps)
    return found or Place("page", url)


def _github(url: str, steps: list[str], lines: tuple[int, int] | None) -> Place | None:
    if len(steps) < 2 or steps[0] in _GITHUB_PAGES:
        return None
    repo, rest = f"{steps[0]}/{steps[1].removesuffix('.git')}", steps[2:]
    match rest:
        case []:
            return Place("github-readme", url, repo)
        case ["blob" | "raw", ref, *path] if path:
            return Place("github-file", url, repo, ref, "/".join(path), lines)
        case ["tree", ref, *path]:
            return Place("github-tree", url, repo, ref, "/".join(path))
        case ["issues" | "pull" | "discussions" as kind, number] if number.isdigit() and kind != "discussions":
            return Place("github-issue", url, repo, "", number)
    return None


def _hub(url: str, steps: list[str]) -> Place | None:
    kind = [step for step in steps[:1] if step in _HUB_KINDS]
    rest = steps[len(kind) :]
    if len(rest) < 2 or (not kind and rest[0] in _HUB_PAGES):
        return None
    repo = "/".join(kind + rest[:2])
    match rest[2:]:
        case []:
            return Place("hub-file", url, repo, "", "README.md")
        case ["blob" | "raw" | "resolve", ref, *path] if path:
            return Place("hub-file", url, repo, ref, "/".join(path))
        case ["tree", ref]:
            return Place("hub-file", url, repo, ref, "README.md")
    return None


def _lines(fragment: str) -> tuple[int, int] | None:
    match = _LINES.match(fragment)
    return (int(match[1]), int(match[2] or match[1])) if match else None
