"""Each rule: one fault in a valid catalogue gives one finding."""

import ast
import datetime as dt
import inspect
from dataclasses import replace
from pathlib import Path

import pytest

from atlas.formats.crawl_folder import FinishedCrawl
from atlas.records.rules import all_rules, run_rules
from tests.records.rule_cases import CASES, ONE

TODAY = dt.date(2026, 6, 1)


def findings(sample, **more):
    catalog, broken = sample.read()
    assert broken == []
    return run_rules(catalog, today=TODAY, **more)


def test_the_sample_breaks_no_rule(sample):
    assert findings(sample) == []


@pytest.mark.parametrize(("rule", "changes", "field", "message"), CASES, ids=lambda value: str(value)[:60])
def test_a_broken_rule_is_named(sample, rule, changes, field, message):
    for file, path, value in changes:
        sample.set(file, path, value)
    issues = [issue for issue in findings(sample) if issue.rule == rule]
    assert [issue for issue in issues if issue.field == field and message in issue.message], issues
    assert all(issue.level == "error" for issue in issues)


@pytest.mark.parametrize("name", ["auth", "requester_pays", "cors", "range_reads"])
def test_the_source_of_a_group_is_none_for_what_a_place_asks_and_allows(sample, name):
    """`false` is a statement too: fifteen records once said without a source that nobody pays."""
    if name != "auth":
        sample.set(ONE, f"distributions/0/{name}", value=False)
    sample.set(ONE, f"evidence/distributions.*.{name}", None)
    (issue,) = [issue for issue in findings(sample) if issue.rule == "evidence-complete"]
    assert (issue.field, issue.level) == (f"distributions.bucket.{name}", "error")


def test_a_finding_names_file_line_field_rule_level_and_message(sample):
    sample.set(ONE, "licences/data", "CC-BY-9.9")
    line = next(
        number
        for number, text in enumerate((sample.write() / ONE).read_text().splitlines(), start=1)
        if '"data": "CC-BY-9.9"' in text
    )
    (issue,) = findings(sample)
    assert str(issue) == (
        f"products/one.yaml:{line} - licences.data - licence-spdx - error - 'CC-BY-9.9' is not an SPDX expression: "
        "CC-BY-9.9: not in the SPDX list; write LicenseRef-<name> for another licence"
    )


def test_a_count_that_a_crawl_contradicts_is_a_warning(sample):
    crawl = FinishedCrawl(Path("one"), "one", "", None, True, 10, {}, (), {})
    assert findings(sample, crawls={"one": crawl}) == []
    (issue,) = findings(sample, crawls={"one": replace(crawl, items=1234)})
    assert (issue.rule, issue.level) == ("count-agrees", "warning")
    assert issue.message == "the record states 10 items, the last crawl found 1,234"


def test_every_rule_has_a_case():
    tested = {case[0] for case in CASES} | {
        "count-agrees",
        "fingerprints-point",
        "history-agrees",
    }  # warnings have tests of their own
    assert sorted(rule.id for rule in all_rules()) == sorted(tested)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_rule_says_what_it_wants_and_never_raises(rule):
    assert len(rule.text.strip().splitlines()[0]) > 30
    tree = ast.parse(inspect.getsource(rule.check))
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree))
