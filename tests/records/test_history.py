"""Changes between two versions of the records: found, written, checked and shown."""

import shutil

from click.testing import CliRunner

from atlas.answers.changes import changes_of
from atlas.commands.history import command
from atlas.records import load_catalog, read_catalog
from atlas.records.history import FieldChange, History, RecordChange, flat
from atlas.records.rules import run_rules
from atlas.resources import data_dir

OLD = """\
id: esd-v001
title: Embedded Seamless Data
status: experimental
embedding: {type: pixel, dimensions: 12, tasks: [classification]}
extent: {place: Earth}
distributions: [{id: gone, host: example.org, bytes: 5}]
summary: Anything
"""


def made(tmp_path):
    """A catalogue with one product, and its earlier version."""
    root = tmp_path / "catalog"
    shutil.copytree(data_dir("catalog") / "taxonomy", root / "taxonomy")
    (root / "products").mkdir()
    for name in ("inputs", "spaces", "ecosystem"):
        shutil.copy(data_dir("catalog") / f"{name}.yaml", root)
    for name in ("esd-v001", "mosaiks"):
        shutil.copy(data_dir("catalog") / "products" / f"{name}.yaml", root / "products")
    old = tmp_path / "old"
    (old / "products").mkdir(parents=True)
    (old / "products" / "esd-v001.yaml").write_text(OLD)
    (old / "products" / "dropped.yaml").write_text(OLD)
    options = ["--since", "2026-01-01", "--day", "2026-02-01", "--catalog", str(root)]
    return root, CliRunner().invoke(command, [*options, str(old)])


def test_a_change_is_written_with_old_new_and_source_and_told_so(tmp_path):
    root, result = made(tmp_path)
    assert result.exit_code == 0, result.output
    catalog = load_catalog(root)
    records = {r.id: r for r in catalog.history["2026-02-01"].records}
    assert {r.id: r.what for r in records.values()} == {"dropped": "removed", "esd-v001": "changed", "mosaiks": "added"}
    product = catalog.products["esd-v001"]
    (entry, *_) = changes_of(product, None, catalog.history)
    assert (entry.kind, entry.id) == ("fields", "fields:esd-v001:2026-02-01")
    lines = {line.field: line for line in entry.fields}
    assert (lines["embedding.dimensions"].old, lines["embedding.dimensions"].new) == ("12", "72")
    assert lines["embedding.dimensions"].sources[0].startswith("http")
    assert (lines["distributions.gone.bytes"].old, lines["distributions.gone.bytes"].new) == ("5", "no value")
    assert lines["embedding.quantization.method"].old == "no value"
    assert "summary" not in lines
    assert "title: Embedded Seamless Data \N{RIGHTWARDS ARROW}" in entry.text
    assert changes_of(catalog.products["mosaiks"], None, catalog.history)[0].title.endswith(": added to the atlas")


def test_moments_at_the_ends_of_a_day_are_told_as_days():
    fields = [FieldChange(field="extent.interval", old=None, new=[["2024-01-01T00:00:00Z", "2025-12-31T23:59:59Z"]])]
    history = History(
        id="2026-02-01", since="2026-01-01", records=[RecordChange(id="mosaiks", what="changed", fields=fields)]
    )
    (entry, *_) = changes_of(load_catalog().products["mosaiks"], None, {"2026-02-01": history})
    assert entry.fields[0].new == "2024-01-01, 2025-12-31"


def test_a_record_that_went_on_is_found(tmp_path):
    root, _ = made(tmp_path)
    catalog = load_catalog(root)
    assert [i for i in run_rules(catalog) if i.rule == "history-agrees"] == []
    file = root / "products" / "esd-v001.yaml"
    file.write_text(file.read_text("utf-8").replace("dimensions: 72", "dimensions: 71"), "utf-8")
    (issue,) = [i for i in run_rules(load_catalog(root)) if i.rule == "history-agrees"]
    assert issue.level == "warning"
    assert "embedding.dimensions is 71, and the newest change in the history made it 72" in issue.message


def test_a_faulty_file_is_named(tmp_path):
    root, _ = made(tmp_path)
    nothing = CliRunner().invoke(command, ["--since", "2026-01-01", "--catalog", str(root), str(tmp_path)])
    assert nothing.exit_code == 1
    assert "no records here" in nothing.output
    file = root / "history" / "2026-02-01.yaml"
    file.write_text(file.read_text("utf-8").replace("what: changed", "what: altered"), "utf-8")
    _, issues = read_catalog(root)
    assert [str(i).partition(":")[0] for i in issues] == ["history/2026-02-01.yaml"]


def test_entries_of_lists_stand_under_their_names():
    record = {
        "distributions": [{"id": "a", "host": "x", "notes": ["y"]}],
        "training_data": [{"input": "s", "role": "input"}],
    }
    assert flat(record) == {"distributions.a.host": "x", "training_data.s.role": "input"}
