"""The kind of host follows from an address."""

import pytest

from atlas.evidence.places import place_of


@pytest.mark.parametrize(
    ("source", "kind", "repo", "ref", "path"),
    [
        ("https://github.com/o/r/blob/1f8830cb/docs/a%20b.md#L3", "github-file", "o/r", "1f8830cb", "docs/a b.md"),
        ("https://raw.githubusercontent.com/o/r/main/a.md", "github-file", "o/r", "main", "a.md"),
        ("https://github.com/o/r/tree/1f8830cb", "github-tree", "o/r", "1f8830cb", ""),
        ("https://www.github.com/o/r.git/", "github-readme", "o/r", "", ""),
        ("https://github.com/o/r/pull/12", "github-issue", "o/r", "", "12"),
        ("https://github.com/o/r/releases", "page", "", "", ""),
        ("https://github.com/orgs/o/r", "page", "", "", ""),
        ("https://github.com/o/../blob/1f8830cb/x", "page", "", "", ""),
        ("https://huggingface.co/datasets/o/n", "hub-file", "datasets/o/n", "", "README.md"),
        ("https://huggingface.co/o/n/blob/main/x.md", "hub-file", "o/n", "main", "x.md"),
        ("https://huggingface.co/spaces/o/n", "hub-file", "spaces/o/n", "", "README.md"),
        ("https://huggingface.co/docs/hub", "page", "", "", ""),
        ("https://huggingface.co/o", "page", "", "", ""),
        ("https://arxiv.org/abs/2507.22291", "page", "", "", ""),
        ("unattributed: a survey", "none", "", "", ""),
        ("s3://bucket/key", "none", "", "", ""),
        ("https://[broken", "none", "", "", ""),
    ],
)
def test_kinds(source, kind, repo, ref, path):
    found = place_of(source)
    assert (found.kind, found.repo, found.ref, found.path) == (kind, repo, ref, path)


def test_lines_and_commits():
    place = place_of("https://github.com/o/r/blob/1f8830cb/x.py#L3-L5")
    assert (place.lines, place.pinned) == ((3, 5), True)
    assert place_of("https://github.com/o/r/blob/main/x.py#L7").lines == (7, 7)
    assert not place_of("https://github.com/o/r/blob/main/x.py").pinned
