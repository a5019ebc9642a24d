"""`atlas new product`: asks, writes a record that loads, never overwrites."""

import datetime as dt

import pytest
from click.testing import CliRunner

from atlas.commands import new
from atlas.commands.new import command
from atlas.records import read_catalog
from atlas.records.rules import run_rules

OPTIONS = {
    "--id": "new-one",
    "--title": "New: product",
    "--summary": "One vector.",
    "--type": "patch",
    "--producer": "Somebody",
    "--model": "Model",
    "--source": "https://example.org/readme",
    "--keywords": "patches, made-up",
}


def run(folder, options, *more, text=None):
    arguments = ["product", "--catalog", str(folder), *more]
    for name, value in options.items():
        arguments += [name, value]
    return CliRunner().invoke(command, arguments, input=text)


def test_options_alone_are_enough(catalog_folder):
    day = dt.datetime.now(dt.UTC).date()
    result = run(catalog_folder, OPTIONS, "--no-input")
    assert result.exit_code == 0, result.output
    catalog, broken = read_catalog(catalog_folder)
    assert broken == []
    product = catalog.products["new-one"]
    assert (product.title, product.embedding.type, product.status) == ("New: product", "patch", "released")
    assert product.keywords == ["patches", "made-up"]
    assert day <= product.evidence["title"][0].checked <= dt.datetime.now(dt.UTC).date()
    missing = {issue.rule for issue in run_rules(catalog)}
    assert missing == {"stated-or-not"}, "only what was not answered is missing"


def test_optional_answers_get_their_evidence(catalog_folder):
    run(catalog_folder, {**OPTIONS, "--dimensions": "12", "--licence": "CC-BY-4.0"}, "--no-input")
    product = read_catalog(catalog_folder)[0].products["new-one"]
    assert (product.embedding.dimensions, product.licences.data) == (12, "CC-BY-4.0")
    assert {"embedding.dimensions", "licences.data"} <= product.evidence.keys()


def test_what_is_not_given_is_asked_for(catalog_folder):
    answers = [
        "new-one",
        "Title",
        "Summary",
        "pixel",
        "experimental",
        "Somebody",
        "M",
        "https://example.org",
        "a, b",
        "64",
        "",
    ]
    result = run(catalog_folder, {}, text="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    product = read_catalog(catalog_folder)[0].products["new-one"]
    assert (product.embedding.type, product.status, product.embedding.dimensions) == ("pixel", "experimental", 64)
    assert product.licences.data is None
    assert "status" in product.evidence


def test_each_field_is_explained_in_the_file(catalog_folder):
    run(catalog_folder, OPTIONS, "--no-input")
    text = (catalog_folder / "products/new-one.yaml").read_text()
    assert "# Length of one dequantised vector." in text
    assert "# What the host requires of the User-Agent header." in text
    assert "yaml-language-server" in text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"--id": "one"}, "there is a product 'one' already"),
        ({"--id": "Bad Name"}, "'Bad Name' is not an id"),
        ({"--id": "../evil"}, "'../evil' is not an id"),
        ({"--source": "a book"}, "'a book' is not a web address"),
        ({"--keywords": " , "}, "name at least one keyword"),
        ({"--title": "  "}, "must not be empty"),
        ({"--type": "cloud"}, "'cloud' is not one of"),
        ({"--dimensions": "0"}, "0 is not in the range"),
    ],
)
def test_a_wrong_answer_is_refused_and_nothing_is_written(catalog_folder, changes, message):
    before = sorted(catalog_folder.rglob("*"))
    result = run(catalog_folder, {**OPTIONS, **changes}, "--no-input")
    assert result.exit_code == 2
    assert message in result.output
    assert sorted(catalog_folder.rglob("*")) == before


def test_a_missing_answer_is_an_error_where_nothing_may_be_asked(catalog_folder):
    options = {name: value for name, value in OPTIONS.items() if name != "--model"}
    result = run(catalog_folder, options, "--no-input")
    assert result.exit_code == 2
    assert "missing --model" in result.output


def test_a_folder_that_is_no_catalogue(tmp_path):
    result = run(tmp_path, OPTIONS, "--no-input")
    assert result.exit_code == 2
    assert "is not a catalogue" in result.output


def test_an_installed_package_is_not_written_into(monkeypatch, tmp_path):
    inside = tmp_path / "atlas" / "_data" / "catalog"
    (inside / "products").mkdir(parents=True)
    monkeypatch.setattr(new, "data_dir", lambda name: inside)
    arguments = ["product", "--no-input", *(word for pair in OPTIONS.items() for word in pair)]
    result = CliRunner().invoke(new.command, arguments)
    assert result.exit_code == 2
    assert "name the catalogue to write into with --catalog" in result.output
    assert list((inside / "products").iterdir()) == []
