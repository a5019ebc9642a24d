"""Every rule that a validation may report, by its stable name."""

from dataclasses import dataclass

from stac_emb.faults import short_name
from stac_emb.registry import registry
from stac_emb.rules import RULES
from stac_emb.semantics import ADVISING, SEMANTIC_RULES

__all__ = ["RuleRow", "known_names", "rule_list", "schema_groups"]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule."""

    name: str
    text: str
    levels: tuple[str, ...] = ("fault",)
    """The levels it may report: `fault`, `advice`, `unchecked`."""


_OF_DOCUMENTS = (
    RuleRow("stac/not-an-object", "A STAC object is a JSON object."),
    RuleRow("stac/type", "`type` is Feature, Collection or Catalog."),
    RuleRow("stac/version", "`stac_version` is one whose schemas are at hand."),
    RuleRow("stac/extensions", "`stac_extensions` is a list of texts."),
    RuleRow("unknown-schema", "The schema of each extension is at hand.", ("unchecked", "fault")),
    RuleRow("duplicate-id", "An id is unique in its file, and in its Collection."),
    RuleRow("geometry/wkb", "The geometry in stac-geoparquet is WKB."),
    RuleRow("semantic/space-of-collection", "All Items of a Collection lie in its vector space."),
)


def schema_groups() -> list[str]:
    """The first part of names of schema faults: `item`, `projection`; the keyword follows the slash."""
    return sorted({short_name(uri) for uri in registry()} - {"emb"})


def rule_list() -> list[RuleRow]:
    """Every rule that has its own name."""
    semantic = [
        RuleRow(f"semantic/{name}", text, ("fault", "advice") if name in ADVISING else ("fault",))
        for name, (text, _, _) in SEMANTIC_RULES.items()
    ]
    ours = [RuleRow(f"emb/{rule.id}", rule.message) for rule in RULES]
    return [*_OF_DOCUMENTS, *semantic, *ours]


def known_names() -> list[str]:
    """Names that may be selected and ignored; any keyword may follow `emb` and the schemas."""
    named = [row.name for row in rule_list() if not row.name.startswith("emb/")]
    return [*named, "emb", *schema_groups()]
