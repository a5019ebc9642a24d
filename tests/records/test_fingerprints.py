"""Fingerprints of sources beside the records, and the list of old evidence."""

import datetime as dt

import pytest

from atlas.records.rules import run_rules
from atlas.records.summary import stale_evidence

TODAY = dt.date(2026, 6, 1)
FILE = "evidence/one.yaml"
PASSAGE = {"digest": "0123456789abcdef", "words": 3, "fields": ["title"]}


@pytest.fixture
def kept(sample):
    """The sample with a fingerprint of one source of its first product."""
    source = next(iter(sample.data["products/one.yaml"]["sources"].values()))["source"]
    sample.data[FILE] = {
        "id": "one",
        "sources": [{"source": source, "read": "2026-01-31", "passages": [dict(PASSAGE)]}],
    }
    return sample


def test_fingerprints_are_loaded_by_record(kept):
    catalog, broken = kept.read()
    assert broken == []
    assert run_rules(catalog, today=TODAY) == []
    assert catalog.fingerprints["one"].sources[0].passages[0].digest == "0123456789abcdef"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("sources/0/passages/0/digest", "0123", "should match pattern"),
        ("sources/0/passages/0/words", -1, "greater than or equal"),
        ("sources/0/passages/0/text", "Vectors of 128", "not permitted"),
        ("sources/0/passages", [], "at least 1"),
        ("id", "two", "'two' is not 'one'"),
    ],
)
def test_a_damaged_fingerprint_is_named_with_its_line(kept, path, value, message):
    kept.set(FILE, path, value)
    _, (issue,) = kept.read()
    assert issue.record.startswith(f"{FILE}:")
    assert message in issue.message


def test_a_fingerprint_without_its_source_is_a_warning(kept):
    kept.set(FILE, "sources/0/source", "https://example.org/elsewhere")
    (issue,) = run_rules(kept.read()[0], today=TODAY)
    assert (issue.rule, issue.level, issue.field) == ("fingerprints-point", "warning", "sources.0")
    assert issue.message == "the record does not cite 'https://example.org/elsewhere'"


def test_a_fingerprint_without_its_record_is_a_warning(kept):
    kept.data["evidence/spaces/nowhere.yaml"] = {"id": "spaces/nowhere", "sources": []}
    (issue,) = run_rules(kept.read()[0], today=TODAY)
    assert (issue.rule, issue.message) == ("fingerprints-point", "there is no record 'spaces/nowhere'")


def test_old_evidence_is_listed_the_oldest_first_with_its_line(sample):
    sample.set("products/one.yaml", "sources/readme/checked", "2025-12-01")
    catalog, _ = sample.read()
    found = stale_evidence(catalog, 180, TODAY)
    assert [(i.record.partition(":")[0], i.field, i.level) for i in found] == [
        ("products/one.yaml", "sources.readme", "info")
    ]
    assert found[0].message.startswith("checked 182 days ago, on 2025-12-01: https://")
    assert stale_evidence(catalog, 182, TODAY) == []
    everything = stale_evidence(catalog, 0, TODAY)
    assert everything[0] == found[0]
    assert {i.record.partition(":")[0] for i in everything} >= {"inputs.yaml", "spaces.yaml", "ecosystem.yaml"}
