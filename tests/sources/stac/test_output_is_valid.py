"""Crawl output passes `atlas validate`, whatever foreign Items hold."""

import json

import pyarrow.parquet as pq
import pytest
import shapely
from click.testing import CliRunner

from atlas.commands.crawl import command as crawl
from atlas.commands.validate import command as validate
from tests.sources.stac.test_api import change, earth_genome

ODD = {
    "gsd": [True, "10", -5, 0, [1], {"a": 1}],
    "emb:quantization": ["x", 5, {"method": "none", "scale": "x"}],
    "emb:tasks": ["x", [5]],
    "emb:temporal_resolution": [5, {"a": 1}],
    "emb:temporal_window": ["x", 5],
    "processing:datetime": ["yesterday", 5],
    "processing:version": [5],
}


@pytest.fixture
def out(tmp_path):
    """Crawl Items, validate the folder, and return its report and Items."""

    def run(*items):
        source = tmp_path / "items.json"
        source.write_text(json.dumps({"type": "FeatureCollection", "features": list(items)}))
        folder = tmp_path / "out"
        arguments = ["earth-genome-ssl4eo-yearly", "--source", str(source), "--out", str(folder)]
        done = CliRunner().invoke(crawl, arguments)
        assert done.exit_code == 0, done.output
        checked = CliRunner().invoke(validate, [str(folder)])
        assert checked.exit_code == 0, checked.output
        (part,) = (folder / "items").glob("*.parquet")
        report = json.loads((folder / "report.json").read_text())
        return report, pq.read_table(part).to_pylist(), checked.output

    return run


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in ODD.items() for value in values])
def test_a_value_that_its_field_may_not_have_is_kept_as_text(out, name, value):
    odd = earth_genome("18SUK", **{name: value}) | {"stac_extensions": []}
    report, (row,), _ = out(odd)
    assert report["set_aside_total"] == 0
    assert json.loads(row[f"draft_emb:{name.rpartition(':')[2]}"]) == value
    assert row.get(name) != value or isinstance(value, bool)


def test_other_items_keep_a_value_that_may_be(out):
    _, rows, _ = out(earth_genome("18SUK", gsd=True), earth_genome("18SUL", gsd=25), earth_genome("18SUM"))
    assert [(row["gsd"], row["draft_emb:gsd"]) for row in rows] == [(None, "true"), (25, None), (None, None)]


def test_a_value_that_contradicts_the_record_is_kept_as_text(out):
    """A vector of the product covers 320 m, as its Items say too."""
    _, rows, _ = out(earth_genome("18SUK", gsd=321), earth_genome("18SUL", gsd=320), earth_genome("18SUM", gsd=1e9))
    assert [(row["gsd"], row["draft_emb:gsd"]) for row in rows] == [(None, "321"), (320, None), (None, "1000000000.0")]


def test_scales_of_other_dimensions_are_kept_as_text(out):
    other = {"method": "linear", "scale": [0.1] * 3}
    odd = earth_genome("18SUN", **{"emb:quantization": other}) | {"stac_extensions": []}
    _, (row,), _ = out(odd)
    assert json.loads(row["draft_emb:quantization"]) == other


def test_fields_of_an_asset_that_may_not_be_are_not_stated(out):
    odd = change()
    odd["assets"]["embeddings"] |= {"file:checksum": "x", "data_type": "text", "file:size": -5}
    good = earth_genome()
    good["assets"]["embeddings"] |= {"file:checksum": "1220" + "0" * 64, "data_type": "int8", "file:size": 5}
    _, rows, _ = out(odd, good)
    found = [[row["assets"]["embeddings"][f] for f in ("file:checksum", "data_type", "file:size")] for row in rows]
    assert found == [[None, None, None], ["1220" + "0" * 64, "int8", 5]]


def test_a_hole_outside_its_shell_lies_in_the_bbox(out):
    shell, hole = shapely.box(1, 2, 3, 4), shapely.box(-5, 3, 2, 9)
    odd = change(geometry=json.loads(shapely.to_geojson(shapely.Polygon(shell.exterior, [hole.exterior]))))
    _, (row,), _ = out(odd)
    assert [row["bbox"][name] for name in ("xmin", "ymin", "xmax", "ymax")] == [-5, 2, 3, 9]


def test_a_geometry_collection_is_rejected(out):
    point = {"type": "Point", "coordinates": [1, 2]}
    odd = change(geometry={"type": "GeometryCollection", "geometries": [point]})
    report, rows, told = out(odd, earth_genome())
    assert len(rows) == 1
    assert report["set_aside_by_reason"] == {"a GeometryCollection cannot be the geometry of an Item": 1}
    assert "1 file passed over in set-aside (rows that a crawl rejected)" in told


def test_what_a_crawl_set_aside_is_counted_in_json_too(tmp_path):
    (tmp_path / "set-aside").mkdir()
    (tmp_path / "set-aside" / "a.ndjson").write_text('{"type": "Feature"}\n')
    done = CliRunner().invoke(validate, [str(tmp_path), "--format", "json"])
    assert (json.loads(done.output)["set_aside"], done.exit_code) == (1, 2)
    named = CliRunner().invoke(validate, [str(tmp_path / "set-aside" / "a.ndjson")])
    assert named.exit_code == 1
