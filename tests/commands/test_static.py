"""`atlas static`: a valid folder, which never replaces foreign files."""

import json

from click.testing import CliRunner

from atlas.commands.static import command
from atlas.commands.validate import command as validate
from atlas.errors import StoreError
from atlas.files import held
from atlas.store.static import _remove_leftovers


def run(catalog_folder, out, *more):
    return CliRunner().invoke(command, ["--catalog", str(catalog_folder), "--out", str(out), *more])


def test_the_folder_validates_recursively(catalog_folder, tmp_path):
    result = run(catalog_folder, tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    documents = json.loads(result.output)["documents"]
    assert documents == len([file for file in (tmp_path / "out").rglob("*") if file.is_file()])
    checked = CliRunner().invoke(validate, ["--recursive", str(tmp_path / "out" / "catalog.json")])
    assert checked.exit_code == 0, checked.output
    assert f"{documents} checked, {documents} valid, 0 invalid" in checked.output


def test_the_whole_catalogue_validates_recursively(tmp_path):
    result = CliRunner().invoke(command, ["--out", str(tmp_path / "out"), "--json"])
    documents = json.loads(result.output)["documents"]
    checked = CliRunner().invoke(validate, ["--recursive", str(tmp_path / "out" / "catalog.json")])
    assert checked.exit_code == 0, checked.output
    assert f"{documents} checked, {documents} valid, 0 invalid" in checked.output


def test_a_second_run_replaces_the_first(catalog_folder, tmp_path):
    out = tmp_path / "out"
    run(catalog_folder, out)
    (catalog_folder / "products/two.yaml").unlink()
    (catalog_folder / "products/one.yaml").write_text(
        (catalog_folder / "products/one.yaml")
        .read_text()
        .replace("successor: two\n", "")
        .replace("  successor: [readme]\n", "")
    )
    assert run(catalog_folder, out).exit_code == 0
    assert not (out / "products/two").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == [], "no scratch is left"


def test_a_folder_of_something_else_is_left_alone(catalog_folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    result = run(catalog_folder, tmp_path / "out")
    assert isinstance(result.exception, StoreError)
    assert "holds no catalogue of the atlas" in str(result.exception)
    assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"


def test_self_links_where_the_address_is_known(catalog_folder, tmp_path):
    run(catalog_folder, tmp_path / "out", "--base-url", "https://example.org/stac/")
    collection = json.loads((tmp_path / "out/products/one/collection.json").read_text())
    links = {link["rel"]: link["href"] for link in collection["links"]}
    assert links["self"] == "https://example.org/stac/products/one/collection.json"


def test_what_a_killed_run_left_is_removed_and_what_a_running_one_uses_is_not(catalog_folder, tmp_path):
    out, dead, alive = (tmp_path / name for name in ("out", ".out-abcdefgh", ".out-12345678"))
    run(catalog_folder, out)
    for folder in (dead, alive):
        (folder / "new").mkdir(parents=True)
    out.rename(dead / "old")  # killed between the two renames
    (tmp_path / ".out-of-print" / "thesis").mkdir(parents=True)
    with held(alive):
        _remove_leftovers(out)
    assert (out / "catalog.json").is_file()
    assert (dead.exists(), alive.exists(), (tmp_path / ".out-of-print").exists()) == (False, True, True)
