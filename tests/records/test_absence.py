"""Reasons for missing values: found by path and summarised in words."""

from atlas.records.absence import Absence, absent_text


def test_the_longest_path_tells_the_reason(sample):
    sample.set("products/two.yaml", "absent/training_data", {"reason": "varies", "note": "By region."})
    sample.set("products/two.yaml", "absent/distributions.*.cors", "not_applicable")
    sample.set("products/two.yaml", "absent/distributions.weights.cors", "varies")
    catalog, broken = sample.read()
    assert broken == []
    product = catalog.products["two"]
    assert product.absence("training_data") == Absence(reason="varies", note="By region.")
    assert product.absence("training_data.imagery.role").note == "By region."
    assert product.absence("distributions.weights.cors").reason == "varies"
    assert product.absence("distributions.other.cors").reason == "not_applicable"
    assert product.absence("embedding.dimensions") is None


def test_a_reason_that_is_none_is_refused(sample):
    sample.set("products/two.yaml", "absent/citation", "lost")
    _, (issue,) = sample.read()
    assert (issue.record.split(":")[0], issue.field) == ("products/two.yaml", "absent.citation.reason")
    assert "not_looked_up" in issue.message


def test_reasons_are_summed_up_in_words():
    absent = {"a": Absence(reason="varies"), "b": Absence(reason="not_stated"), "c": Absence(reason="varies")}
    assert absent_text(absent) == "fields without a value: 1 not stated, 2 varies"
    assert absent_text({}) == "fields without a value: none"
