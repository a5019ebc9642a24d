"""Relative asset hrefs: of documents on a host, and of published and unpublished trees on disk."""

import json

import pyarrow.parquet as pq
import pytest
import shapely
from click.testing import CliRunner

from atlas.commands.crawl import command
from atlas.fetch.inputs import Rejected
from atlas.sources.stac.links import Place, self_link

PUBLISHED = "https://data.example.org/stac"


def linked(href=None):
    return {"links": [{"rel": "root", "href": "x"}, {"rel": "self", "href": href}] if href else []}


@pytest.mark.parametrize(
    ("document", "href", "found"),
    [
        ("https://a.org/x/item.json", "./data/a%20b.parquet", "https://a.org/x/data/a%20b.parquet"),
        ("https://a.org/x/item.json", "../a.parquet?v=1", "https://a.org/a.parquet?v=1"),
        ("https://a.org/x/item.json", "/a.parquet", "https://a.org/a.parquet"),
        ("https://a.org/x/item.json", "s3://bucket/a.parquet", "s3://bucket/a.parquet"),
        ("s3://bucket/x/item.json", "https://b.org/a.parquet", "https://b.org/a.parquet"),
    ],
)
def test_of_a_document_on_a_host(document, href, found):
    assert Place(document).resolve(href, linked()) == found


@pytest.mark.parametrize("href", ["file:///etc/passwd", "file://localhost/etc/passwd", "file:etc/passwd"])
def test_a_document_on_a_host_names_no_local_file(href):
    with pytest.raises(Rejected, match="asset is a file of somebody's machine"):
        Place("https://a.org/x/item.json").resolve(href, linked())


@pytest.fixture
def place(tmp_path):
    (tmp_path / "tree" / "a").mkdir(parents=True)
    (tmp_path / "secret.parquet").write_bytes(b"x")
    (tmp_path / "tree" / "link").symlink_to(tmp_path)
    return lambda published="": Place(str(tmp_path / "tree/a/item.json"), str(tmp_path / "tree"), published)


@pytest.mark.parametrize(
    ("href", "found"),
    [("x.parquet", "a/x.parquet"), ("../b/a%20b.parquet", "b/a%20b.parquet"), ("./c d.parquet", "a/c%20d.parquet")],
)
def test_of_a_tree_on_disk(place, tmp_path, href, found):
    assert place().resolve(href, linked()) == f"{(tmp_path / 'tree').as_uri()}/{found}"
    assert place(f"{PUBLISHED}/").resolve(href, linked()) == f"{PUBLISHED}/{found}"


def test_what_the_document_says_of_itself_comes_first(place):
    item = linked("https://b.org/items/one.json")
    assert place(f"{PUBLISHED}/").resolve("../x.parquet", item) == "https://b.org/x.parquet"
    assert self_link(linked("./item.json")) == ""
    assert self_link({"links": 7}) == self_link({}) == ""


def test_a_whole_file_url_inside_the_tree_is_kept(place, tmp_path):
    href = (tmp_path / "tree" / "b.parquet").as_uri()
    assert place().resolve(href, linked()) == href


@pytest.mark.parametrize(
    "href",
    [
        "../../secret.parquet", "/etc/passwd", "file:///etc/passwd", "../link/secret.parquet", "%2e%2e/%2e%2e/x",
        "file://other.host/x.parquet", "//other.host/x.parquet",
    ],
)  # fmt: skip
def test_a_file_outside_the_tree_is_refused(place, href):
    with pytest.raises(Rejected, match="asset lies outside the folder of the source"):
        place().resolve(href, linked())


@pytest.fixture
def tree(tmp_path):
    """A Collection with two Items on disk, one of which names a file outside."""

    def write(root_link=None):
        root = tmp_path / "tree"
        root.mkdir()
        links = [{"rel": "item", "href": f"{name}.json"} for name in ("one", "two")]
        links += [{"rel": "self", "href": root_link}] if root_link else []
        (root / "collection.json").write_text(json.dumps({"type": "Collection", "id": "c", "links": links}))
        for name, href in (("one", "./data/one.parquet"), ("two", "../../two.parquet")):
            item = {
                "type": "Feature",
                "stac_version": "1.0.0",
                "id": name,
                "geometry": shapely.geometry.mapping(shapely.box(10, 50, 11, 51)),
                "properties": {"datetime": "2024-06-01T00:00:00Z"},
                "assets": {"embeddings": {"href": href}},
                "links": [],
            }
            (root / f"{name}.json").write_text(json.dumps(item))
        (root / "data").mkdir()
        return root

    return write


def crawl(root, out, *more):
    arguments = ["earth-genome-ssl4eo-yearly", "--source", str(root / "collection.json"), "--out", str(out), "--json"]
    result = CliRunner().invoke(command, [*arguments, *more])
    report = json.loads((out / "report.json").read_text())
    (part,) = (out / "items").glob("*.parquet")
    return result, report, pq.read_table(part).to_pylist()


def test_a_tree_that_is_published_nowhere_is_crawled_with_its_own_files(tree, tmp_path):
    root = tree()
    result, report, rows = crawl(root, tmp_path / "out", "--verify", "all")
    assert [row["assets"]["embeddings"]["href"] for row in rows] == [f"{root.as_uri()}/data/one.parquet"]
    assert report["set_aside_by_reason"] == {"asset lies outside the folder of the source": 1}
    # The file is looked for where the Item says, and missing there.
    assert [(f["field"], f["asset"]) for f in report["verified"]["findings"]] == [("href", "embeddings")]
    assert "no such file" in report["verified"]["findings"][0]["found"]
    assert result.exit_code == 1


def test_a_copy_of_a_published_tree_is_crawled_with_its_public_addresses(tree, tmp_path):
    _, _, rows = crawl(tree(f"{PUBLISHED}/collection.json"), tmp_path / "out")
    assert [row["assets"]["embeddings"]["href"] for row in rows] == [f"{PUBLISHED}/data/one.parquet"]
