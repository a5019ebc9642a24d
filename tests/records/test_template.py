"""A new record loads, keeps the answers and explains every field."""

from atlas.records.product import Product
from atlas.records.template import record_text
from atlas.records.yaml_text import parse_yaml

ANSWERS = {
    "id": "new-one",
    "title": 'Quotes " and: colons # and hashes',
    "summary": "A summary.",
    "description": "Two paragraphs.\n\nThe second.\n",
    "keywords": ["annual"],
    "status": "released",
    "providers": [{"name": "Somebody", "roles": ["producer"]}],
    "embedding": {"type": "pixel", "dimensions": 3},
    "model": {"name": "M"},
    "licences": {},
    "sources": {"main": {"source": "https://example.org", "checked": "2026-01-31", "strength": "primary"}},
    "evidence": {"title": ["main"]},
}


def test_the_answers_are_kept():
    assert parse_yaml(record_text(ANSWERS)).data == ANSWERS


def test_every_field_of_the_record_occurs_with_an_explanation():
    lines = record_text(ANSWERS).splitlines()
    for name, info in Product.model_fields.items():
        position = next(i for i, line in enumerate(lines) if line.lstrip("# ").startswith(f"{name}:"))
        first = " ".join(info.description.split())[:40]
        above = " ".join(line.lstrip("# ") for line in lines[max(0, position - 4) : position])
        assert first in above, f"{name} is not explained"


def test_commented_lists_become_entries_when_uncommented():
    text = record_text(ANSWERS)
    start = text.index("# loaders:")
    block = text[start : text.index("# Defects and pitfalls.")]
    kept = [line.replace("# ", "", 1) for line in block.splitlines() if line.rstrip().endswith(":")]
    assert parse_yaml("\n".join(kept)).data == {
        "loaders": [{"name": None, "version": None, "ref": None, "href": None, "note": None}]
    }
