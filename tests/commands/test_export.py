"""`atlas export`: the files written, and the errors reported."""

import json

from click.testing import CliRunner

from atlas.commands.export import command
from atlas.errors import RecordError

NAMES = ["catalog.json", "ecosystem.csv", "products.csv", "references.bib", "references.csl.json"]


def test_the_files_are_written_and_named(catalog_folder, tmp_path):
    out = tmp_path / "out"
    result = CliRunner().invoke(command, ["--catalog", str(catalog_folder), "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    assert sorted(file.name for file in out.iterdir()) == NAMES
    sizes = json.loads(result.output)["files"]
    assert sizes == {name: (out / name).stat().st_size for name in sizes}
    assert sorted(sizes) == NAMES


def test_a_second_run_replaces_them(catalog_folder, tmp_path):
    for _ in range(2):
        result = CliRunner().invoke(command, ["--catalog", str(catalog_folder), "--out", str(tmp_path / "out")])
        assert result.exit_code == 0
    assert len(list((tmp_path / "out").iterdir())) == len(NAMES)


def test_a_broken_bibliography_writes_nothing(catalog_folder, tmp_path):
    file = catalog_folder / "products/one.yaml"
    file.write_text(file.read_text().replace("@article{somebody2020", "@article{somebody2021"))
    result = CliRunner().invoke(command, ["--catalog", str(catalog_folder), "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, RecordError)
    assert "the BibTeX key 'somebody2021' names two works" in str(result.exception)
    assert not (tmp_path / "out").exists()
