"""Ids, hrefs and shard names."""

import re

import pyarrow as pa
import pytest

from atlas.errors import SourceError
from atlas.sources.naming import item_id, legal_ids, render, shard_id


@pytest.mark.parametrize("name", ["grid_-0.05_50.75_2021", "2024-10N-x086", "a", "A~b.c", "_x", "x" * 255])
def test_ids_of_unreserved_characters_are_legal(name):
    assert legal_ids(pa.array([name])).to_pylist() == [True]


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".a", "a/b", "a\\b", "a b", "a\n", "ä", "a%2fb", "a?b", "x" * 256, None]
)
def test_other_ids_are_not(name):
    assert legal_ids(pa.array([name], pa.string())).to_pylist() == [False]


def test_a_template_is_filled_from_columns_and_constants():
    columns = {"year": pa.array(["2020", "2021"]), "lon": pa.array(["0.15", "-0.05"]), "host": "h"}
    found = render("https://{host}/{year}/grid_{lon:.2f}.npy", columns)
    assert found.to_pylist() == ["https://h/2020/grid_0.15.npy", "https://h/2021/grid_-0.05.npy"]


def test_a_null_makes_the_address_null():
    assert render("x{a}", {"a": pa.array(["1", None])}).to_pylist() == ["x1", None]


def test_a_placeholder_without_a_column_is_an_error_that_names_it():
    with pytest.raises(SourceError, match=r"nothing fills '\{zone\}'; known: year"):
        render("https://h/{year}/{zone}", {"year": pa.array(["2020"])})


def test_a_template_without_a_column_is_an_error():
    with pytest.raises(SourceError, match="is the same for every row"):
        render("https://h/{a}", {"a": "x"})


@pytest.mark.parametrize(
    ("text", "name"),
    [("registry_2021", "registry_2021"), ("../../etc/passwd", "_.._etc_passwd-"), ("zone=1N/year=2020", "zone=1N_year"),
     ("", ""), ("...", ""), ("ä/ö", "_-"), ("x" * 300, "x" * 189 + "-"), ("=x", "x-")],
)  # fmt: skip
def test_shards_are_named_after_paths_without_leading_out(text, name):
    assert shard_id(text).startswith(name)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._=-]{0,199}", shard_id(text))


def test_different_paths_make_different_shards():
    paths = ["a b", "a-b", "a/b", "a_b", "a.b", "ä", "ö", "", ".", "x" * 300, "x" * 301, "a ", "a", "-a"]
    assert len({shard_id(path) for path in paths}) == len(paths)
    assert (shard_id("a-b"), shard_id("a.b")) == ("a-b", "a.b")


def test_different_paths_make_different_items_with_legal_ids():
    paths = [
        "a/b.tif",
        "a_b.tif",
        "a-b.tif",
        "a b.tif",
        "a~b.tif",
        "a//b.tif",
        "é.parquet",
        "è.parquet",
        ".tif",
        "x" * 300,
    ]
    paths += ["x" * 301, "a%2Fb.tif", "./a.tif", "a.tif", "a./b.tif"]
    ids = [item_id(path) for path in paths]
    assert len(set(ids)) == len(paths)
    assert legal_ids(pa.array(ids)).to_pylist() == [True] * len(paths)


def test_a_nested_path_is_readable_in_its_id():
    assert item_id("wa/2021/m_4007201_ne.tar.parquet") == "wa~2021~m_4007201_ne.tar"
