"""`atlas lint`: text, JSON and exit codes."""

import json

import pytest
from click.testing import CliRunner

from atlas.commands.lint import command
from atlas.records.rules import all_rules


def run(*arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments])


def test_a_clean_catalogue_exits_0_with_a_summary(catalog_folder):
    result = run(catalog_folder)
    assert result.exit_code == 0, result.output
    assert "2 products" in result.output
    assert "0 errors, 0 warnings" in result.output
    assert "0 not stated, 1 does not apply, 0 varies, 11 not looked up" in result.output
    assert "licences.data" in result.output


def test_a_fault_exits_1_with_one_line(catalog_folder):
    file = catalog_folder / "products/one.yaml"
    file.write_text(file.read_text().replace("data: CC-BY-4.0", "data: CC-BY-9.9"))
    result = run(catalog_folder, "--quiet")
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    record, field, rule, level, message = line.split(" - ", 4)
    assert record.startswith("products/one.yaml:")
    assert (field, rule, level) == ("licences.data", "licence-spdx", "error")
    assert "CC-BY-9.9" in message


def test_a_broken_file_does_not_hide_the_others(catalog_folder):
    (catalog_folder / "inputs.yaml").write_text("- &a {}\n")
    file = catalog_folder / "products/two.yaml"
    file.write_text(file.read_text().replace("dimensions: 4", "dimensions: four"))
    result = run(catalog_folder, "--quiet")
    assert result.exit_code == 1
    assert "inputs.yaml:1 - - - yaml-alias - error" in result.output
    assert "products/two.yaml:12 - embedding.dimensions - int_type - error" in result.output


def test_json_on_request(catalog_folder):
    result = run(catalog_folder, "--json")
    document = json.loads(result.output)
    assert document["errors"] == 0
    assert document["records"]["products"] == 2
    assert document["absent"]["not_looked_up"]["licences.data"] == 1


def test_counts_are_compared_with_crawls(catalog_folder, tmp_path):
    report = tmp_path / "crawls" / "one" / "report.json"
    report.parent.mkdir(parents=True)
    report.write_text('{"product": "one", "items": 11}')
    result = run(catalog_folder, "--crawls", tmp_path / "crawls", "--quiet")
    assert result.exit_code == 0, "drift is a warning"
    assert "count-agrees - warning - the record states 10 items, the last crawl found 11" in result.output


def test_no_catalogue_exits_2(tmp_path):
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "is not a catalogue" in result.output


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_rules_are_listed(form):
    result = run("--rules", *(["--json"] if form == "json" else []))
    assert result.exit_code == 0
    for rule in all_rules():
        assert rule.id in result.output


def test_old_evidence_is_listed_on_demand_and_is_no_fault(catalog_folder):
    assert "stale-evidence" not in run(catalog_folder).output
    result = run(catalog_folder, "--stale", "1", "--json")
    assert result.exit_code == 0
    found = [i for i in json.loads(result.output)["issues"] if i["rule"] == "stale-evidence"]
    assert found
    assert "days ago, on 20" in found[0]["message"]
    assert "stale-evidence" not in run(catalog_folder, "--stale", "99999").output


def test_old_evidence_is_always_counted(catalog_folder):
    everything = run(catalog_folder, "--stale", "0")
    assert "evidence last checked more than 0 days ago: " in everything.output
    document = json.loads(run(catalog_folder, "--stale", "36500", "--json").output)
    assert document["stale_evidence"] == {"days": 36500, "count": 0, "records": {}}


def test_sources_that_nobody_can_open_are_counted(catalog_folder):
    assert "sources that a reader cannot open: 0" in run(catalog_folder).output
    file = catalog_folder / "products/two.yaml"
    file.write_text(
        file.read_text().replace('  title: [{source: "https://example.org/two"', '  title: [{source: "a book"')
    )
    result = run(catalog_folder, "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)["unopenable_sources"] == 1
