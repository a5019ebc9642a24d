"""Loading a catalogue: faults name file, line, field and rule; the rest is loaded."""

import pytest

from atlas.errors import RecordError
from atlas.records import load_catalog

ONE, TWO = "products/one.yaml", "products/two.yaml"


def test_the_sample_loads(sample):
    catalog = load_catalog(sample.write())
    assert list(catalog.products) == ["one", "two"]
    assert list(catalog.inputs) == ["imagery", "part"]
    assert list(catalog.spaces) == ["space-one", "space-two"]
    assert list(catalog.ecosystem) == ["model-one", "tool-one"]
    assert catalog.taxonomy["value"].terms["mapping"].label == "Mapping"


def test_keys_of_sources_become_evidence(sample):
    evidence = load_catalog(sample.write()).products["one"].evidence
    assert evidence["title"][0].source == "https://example.org/readme"
    assert evidence["title"][0].strength == "primary"
    space = evidence["embedding.space"][0]
    assert (space.source, space.strength, space.note) == ("https://example.org/readme", "derived", "The name is ours.")


FAULTS = [
    (ONE, "embedding/dimensions", "six", "embedding.dimensions - int_type - error - Input should be a valid integer"),
    (ONE, "embedding/dimensions", 0, "embedding.dimensions - greater_than_equal - error"),
    (ONE, "version", 1.0, "version - string_type - error - Input should be a valid string"),
    (ONE, "colour", "red", "colour - extra_forbidden - error - Extra inputs are not permitted"),
    (ONE, "title", None, "title - missing - error - Field required"),
    (ONE, "status", "great", "status - literal_error - error"),
    (ONE, "extent/interval/0/0", "tomorrow", "extent.interval.0.0 - datetime"),
    (ONE, "distributions/0/href", "file:///etc/passwd", "distributions.0.href - string_pattern_mismatch - error"),
    (
        ONE,
        "evidence/title/0",
        "nowhere",
        "evidence.title.0 - known-source - error - 'nowhere' is not a key of 'sources'",
    ),
    (ONE, "id", "other", "id - id-is-file-name - error - 'other' is not 'one'"),
    (ONE, "id", "../evil", "id - string_pattern_mismatch - error"),
    ("inputs.yaml", "0/title", None, "imagery.title - missing - error"),
    ("inputs.yaml", "1/id", "imagery", "imagery.id - unique-id - error - 'imagery' occurs twice"),
    ("taxonomy/value.yaml", "terms/0/id", None, "terms.0 - term-id - error - a term needs an 'id'"),
    ("taxonomy/value.yaml", "terms/1/id", "mapping", "terms.1.id - unique-id - error - 'mapping' occurs twice"),
]


@pytest.mark.parametrize(("file", "path", "value", "message"), FAULTS, ids=[case[3][:50] for case in FAULTS])
def test_a_fault_names_file_line_field_and_rule(sample, file, path, value, message):
    _, issues = sample.set(file, path, value).read()
    assert len(issues) == 1
    name, _, line = issues[0].record.partition(":")
    assert name == file
    assert int(line) >= 1
    assert message in str(issues[0])


def test_the_line_is_that_of_the_value(sample):
    _, (issue,) = sample.set(ONE, "embedding/dimensions", "six").read()
    text = (sample.folder / ONE).read_text().splitlines()
    assert '"dimensions": "six"' in text[int(issue.record.rpartition(":")[2]) - 1]


def test_a_broken_file_is_left_out_and_the_rest_is_loaded(sample):
    catalog, issues = sample.set(ONE, "title", None).read()
    assert list(catalog.products) == ["two"]
    assert [issue.rule for issue in issues] == ["missing"]


def test_load_catalog_reports_every_fault_at_once(sample):
    sample.set(ONE, "title", None).set(TWO, "summary", 5).set("inputs.yaml", "0/colour", "red")
    with pytest.raises(RecordError) as caught:
        load_catalog(sample.write())
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert [line.partition(":")[0] for line in lines] == [ONE, TWO, "inputs.yaml"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"\xff\xfe", "utf-8"),
        (b"a: &x 1\n", "yaml-alias"),
        (b"- 1\n", "model_type"),
        (b"", "model_type"),
    ],
)
def test_a_file_that_is_no_record(sample, content, rule):
    folder = sample.write()
    (folder / ONE).write_bytes(content)
    with pytest.raises(RecordError, match=f"products/one.yaml:1 - - - {rule} - error"):
        load_catalog(folder)


def test_a_list_file_that_is_missing_or_no_list(sample):
    folder = sample.write()
    (folder / "inputs.yaml").unlink()
    (folder / "spaces.yaml").write_text("a: 1\n")
    with pytest.raises(RecordError) as caught:
        load_catalog(folder)
    assert "inputs.yaml:1 - - - catalog-file - error - the file is missing" in str(caught.value)
    assert "spaces.yaml:1 - - - list-of-records - error" in str(caught.value)


def test_a_folder_without_products_is_no_catalogue(tmp_path):
    with pytest.raises(RecordError, match="the folder 'products' is missing"):
        load_catalog(tmp_path)
