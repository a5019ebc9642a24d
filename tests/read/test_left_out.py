"""Unreadable files: an error, or left out, reported and recorded in the result."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import atlas
from atlas.cli import cli
from atlas.errors import RestoreError, UnreadableInput
from atlas.read.identity import identity_of
from atlas.read.left_out import LeftOutWarning
from atlas.read.patches import table_identity
from tests.read import shapes


@pytest.fixture
def years(tmp_path):
    """Three years: the second without a file, the third with a broken one."""
    made = [shapes.cog(tmp_path, year=year) for year in (2022, 2023, 2024)]
    hrefs = [one.item["assets"]["data"]["href"] for one in made]
    Path(hrefs[1]).unlink()
    Path(hrefs[2]).write_bytes(b"no TIFF")
    return [one.item for one in made], made[0].expected, hrefs


def test_one_file_that_cannot_be_read_is_an_error(years):
    items, _, _ = years
    with pytest.raises(UnreadableInput, match=r"2023-1\.tif"):
        atlas.open(items[:2])
    with pytest.raises(UnreadableInput, match=r"2023-1\.tif"):
        atlas.sample(items[:2], [(3.001, 51.449)])


def test_what_cannot_be_read_is_left_out_and_told(years):
    items, expected, hrefs = years
    with pytest.warns(LeftOutWarning, match=r"2 of 3 Items .* are left out:\n'item-2023': .*2023-1\.tif"):
        cube = atlas.open(items, missing="skip")
    assert np.array_equal(cube.values, expected[None], equal_nan=True)
    (second, third) = identity_of(cube).left_out
    assert second[:2] == ("item-2023", hrefs[1])
    assert third[:2] == ("item-2024", hrefs[2])
    assert "not a TIFF" in third[2]
    assert identity_of(cube * 1).left_out == (second, third)


def test_points_in_what_cannot_be_read_have_no_vector(years):
    items, _, _ = years
    with pytest.warns(LeftOutWarning, match="2 of 3 Items"):
        found = atlas.sample(items, [(3.001, 51.449)], missing="skip")
    assert found["valid"].tolist() == [True, False, False]
    assert found["item"].tolist() == ["item-2022", None, None]
    assert len(identity_of(found).left_out) == 2


def test_rows_of_a_table_that_breaks_halfway_are_left_out_as_a_whole(tmp_path):
    shape = shapes.table(tmp_path)
    other = json.loads(json.dumps(shape.item)) | {"id": "other"}
    (asset,) = other["assets"].values()
    asset["href"] = str(tmp_path / "none.parquet")
    with pytest.raises(UnreadableInput, match=r"none\.parquet"):
        atlas.open([shape.item, other])
    with pytest.warns(LeftOutWarning, match=r"1 of 2 Items .*\n'other': .*none\.parquet"):
        found = atlas.open([shape.item, other], missing="skip")
    assert found.num_rows == len(shape.expected)
    assert [one[0] for one in table_identity(found).left_out] == ["other"]


def test_where_nothing_is_left_it_is_an_error(years):
    items, _, _ = years
    with pytest.raises(RestoreError, match=r"none of the 2 Items can be read\. 'item-2023': .*2023-1\.tif"):
        atlas.open(items[1:], missing="skip")
    with pytest.raises(RestoreError, match="none of the 2 Items can be read"):
        atlas.sample(items[1:], [(3.001, 51.449)], missing="skip")
    with pytest.raises(RestoreError, match="missing is 'raise' or 'skip', not 'no'"):
        atlas.open(items[:1], missing="no")


def test_commands_leave_out_and_write_down_what(years, tmp_path):
    items, _, _ = years
    (tmp_path / "items.json").write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    (tmp_path / "points.geojson").write_text(json.dumps({"type": "Point", "coordinates": [3.001, 51.449]}))
    for command in (
        ["open", tmp_path / "items.json", "--out", tmp_path / "cube.tif"],
        ["sample", tmp_path / "points.geojson", tmp_path / "items.json", "--out", tmp_path / "points.parquet"],
    ):
        refused = CliRunner().invoke(cli, [str(word) for word in command])
        assert refused.exit_code
        assert "2023-1.tif" in str(refused.exception)
        done = CliRunner().invoke(cli, [str(word) for word in (*command, "--skip-missing")])
        assert done.exit_code == 0, (done.output, done.exc_info)
        assert "atlas: 2 of 3 Items cannot be read and are left out" in done.stderr
        story = json.loads(command[-1].with_suffix(".json").read_text())
        assert story["items"] == ["item-2022"]
        assert [one["item"] for one in story["left_out"]] == ["item-2023", "item-2024"]
