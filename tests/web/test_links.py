"""No broken link or anchor, no repeated id, no foreign resource, on any page."""

import itertools
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest


@pytest.fixture(scope="module")
def documents(site):
    """Address to parsed page."""
    return {p.relative_to(site).as_posix(): lxml.html.fromstring(p.read_bytes()) for p in sorted(site.rglob("*.html"))}


def target(origin: str, href: str) -> tuple[str, str]:
    """Root-relative address and fragment of a relative link."""
    parts = urlsplit(href)
    folder = Path("/") / Path(origin).parent
    path = (folder / unquote(parts.path)).as_posix() if parts.path else f"/{origin}"
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps), unquote(parts.fragment)


def test_every_internal_link_and_anchor_exists(documents, site):
    ids = {path: set(d.xpath("//@id")) for path, d in documents.items()}
    checked, broken = 0, []
    for origin, document in documents.items():
        for element, attribute, href, _ in document.iterlinks():
            if urlsplit(href).scheme or href.startswith("data:") or element.tag == "base":
                continue
            path, fragment = target(origin, href)
            checked += 1
            if not (site / path).is_file():
                broken.append(f"{origin}: {attribute}={href}")
            elif fragment and path in ids and fragment not in ids[path]:
                broken.append(f"{origin}: no anchor {href}")
    assert checked > 10_000
    assert broken[:20] == []


def test_ids_are_unique(documents):
    for path, document in documents.items():
        ids = document.xpath("//@id")
        assert len(ids) == len(set(ids)), f"{path}: {sorted({i for i in ids if ids.count(i) > 1})}"


def test_references_of_labels_exist(documents):
    for path, document in documents.items():
        ids = set(document.xpath("//@id"))
        named = " ".join(document.xpath("//@aria-labelledby | //label/@for | //@list | //@popovertarget")).split()
        assert set(named) <= ids, path


def test_foreign_addresses_are_links_only_and_marked(documents):
    links = 0
    for path, document in documents.items():
        for element, attribute, href, _ in document.iterlinks():
            if urlsplit(href).scheme in ("", "data"):
                continue
            if element.tag == "link" and element.get("rel") == "canonical":
                continue
            assert (element.tag, attribute) == ("a", "href"), f"{path}: <{element.tag} {attribute}={href}>"
            assert urlsplit(href).scheme in ("http", "https"), f"{path}: {href}"
            assert {"noopener", "external"} <= set(element.get("rel", "").split()), f"{path}: {href}"
            links += 1
    assert links > 1000


def test_pages_satisfy_their_own_policy(documents):
    for path, document in documents.items():
        (policy,) = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy.startswith("default-src 'none'"), path
        assert "unsafe" not in policy
        assert document.xpath("//@style") == [], f"{path}: style attribute"
        assert document.xpath("//style") == [], f"{path}: style element"
        inline = document.xpath("//script[not(@src)]/@type")
        assert set(inline) <= {"application/ld+json", "application/json"}, path
        assert [a for e in document.iter() for a in e.attrib if a.lower().startswith("on")] == [], path


def test_one_main_heading_and_no_skipped_level(documents):
    for path, document in documents.items():
        levels = [int(e.tag[1]) for e in document.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
        assert levels.count(1) == 1, path
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), f"{path}: {levels}"
