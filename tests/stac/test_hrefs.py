"""Valid hrefs: the same verdict together and one by one."""

import pyarrow as pa
import pytest

from atlas.stac.hrefs import href_fault, legal_hrefs


@pytest.mark.parametrize(
    ("href", "legal"),
    [
        ("https://host/a.npy", True), ("http://host/ä", True), ("s3://b/k", True), ("hf://d/k", True),
        ("https:///a", False), ("s3://?b", False), ("https://#a", False), ("https://h", True),
        ("https://", False), ("file:///etc/passwd", False), ("javascript://x", False), ("/a", False), ("", False),
        ("https://h/a b", False), ("https://h/a\n", False), ("https://h/a\x00b", False), ("https://h/a\\b", False),
        ("https://h/a\u202eb", False), ('https://h/"', False),
        ("https://h/<", False), ("https://h/>", False), (" https://h/a", False),
    ],
)  # fmt: skip
def test_the_same_alone_among_its_like_and_among_others(href, legal):
    assert legal_hrefs(pa.array([href])).tolist() == [legal]
    assert legal_hrefs(pa.array(["https://host/b", href, "https://host/c"])).tolist() == [True, legal, True]
    assert legal_hrefs(pa.array(["https://h/ ", href, "gs://x/y", None]).slice(1)).tolist() == [legal, True, True]


def test_no_href_is_legal():
    assert legal_hrefs(pa.array([None, "https://host/a"])).tolist() == [True, True]
    assert legal_hrefs(pa.array([], pa.string())).tolist() == []


@pytest.mark.parametrize(
    ("href", "legal"),
    [
        ("file:///data/tree/a.parquet", True),
        ("file:///data/tree/a%20b/c.parquet", True),
        ("https://example.org/a", True),
        ("file:///data/tree/../secret", False),
        ("file:///data/tree", False),
        ("file:///data/trees/a", False),
        ("file:///etc/passwd", False),
        ("file:///data/tree/<a>", False),
    ],
)
def test_files_are_legal_below_the_folder_that_the_reader_names_only(href, legal):
    assert legal_hrefs(pa.array([href]), "file:///data/tree").tolist() == [legal]
    if href.startswith("file:"):
        assert legal_hrefs(pa.array([href])).tolist() == [False]
        assert legal_hrefs(pa.array([href]), "https://example.org").tolist() == [False]


@pytest.mark.parametrize("href", ["http://", "https:///a", "HTTPS:a", "s3:///k", "gs://?x", "https://#a"])
def test_an_address_without_a_host_is_refused(href):
    assert href_fault(href) == f"{href!a} names no host"


@pytest.mark.parametrize("href", ["https://h", "//h/a", "a/b", "?a", "#a", "urn:a:b", "mailto:a@b", "https://h/{z}"])
def test_other_references_name_a_host_or_need_none(href):
    assert href_fault(href) is None
