"""The summary of a check, with counts of missing values."""

from atlas.records.summary import lint_catalog


def test_what_has_no_value_is_counted_by_reason_and_field(sample):
    sample.set("products/one.yaml", "distributions/0/cors", None)
    silent = {"reason": "not_stated", "looked_in": ["readme"]}
    sample.set("products/one.yaml", "absent", {"distributions.bucket.cors": "varies", "predecessor": silent})
    sample.set("products/two.yaml", "absent/family", "not_looked_up")
    sample.set("products/two.yaml", "absent/predecessor", {**silent, "looked_in": ["paper"]})
    summary = lint_catalog(*sample.read())
    assert summary.absent["not_stated"] == {"predecessor": 2}
    assert summary.absent["varies"] == {"distributions.*.cors": 1}
    assert summary.absent["not_looked_up"]["family"] == 1
    assert summary.records["products"] == 2


def test_broken_files_and_rules_are_counted_together(sample):
    sample.set("products/one.yaml", "licences/data", "CC-BY-9.9").set("inputs.yaml", "1/title", None)
    summary = lint_catalog(*sample.read())
    assert summary.errors == 2
    assert {issue.rule for issue in summary.issues} == {"missing", "licence-spdx"}
    assert summary.as_dict()["errors"] == 2


def test_reports_of_crawls_are_read_and_a_broken_one_is_a_warning(sample, tmp_path):
    for name, text in (("a", '{"product": "one", "items": 3}'), ("b", "{"), ("c", '{"items": 3}')):
        (tmp_path / "crawls" / name).mkdir(parents=True)
        (tmp_path / "crawls" / name / "report.json").write_text(text)
    summary = lint_catalog(*sample.read(), tmp_path / "crawls")
    assert sorted((issue.record.split(":")[0], issue.rule) for issue in summary.issues) == [
        ("b/report.json", "crawl-report"),
        ("c/report.json", "crawl-report"),
        ("products/one.yaml", "count-agrees"),
    ]
    assert (summary.errors, summary.warnings) == (0, 3)
