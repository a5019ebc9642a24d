"""Every value of a product has evidence, at its own path or at the path of a group around it.

Exempt is what the atlas itself decides: `id`, `aliases`, `family`, `keywords`, the `status` released, ids and titles
of parts, what the crawler may do (`index.kind`, `index.hosts`), the parts that hold sources themselves, and the
`summary`, which repeats fields (rule `summary-repeats`). Whether data need an account (`auth`) is seldom told where
they are described, so that the evidence of a group is not enough: it stands at `distributions.<id>.auth`.
"""

from collections.abc import Iterator

from atlas.records.paths import covers, leaves
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_OWN = {"id", "aliases", "summary", "family", "keywords", "sources", "evidence", "absent", "conflicts"}
_OWN_PARTS = {
    ("distributions", "id"),
    ("distributions", "title"),
    ("known_issues", "id"),
    ("item_assets", "key"),
    ("index", "kind"),
    ("index", "hosts"),
}


def check(context: Context) -> Iterator[Fault]:
    """Look for the evidence of every value."""
    for product in context.catalog.products.values():
        for leaf, value in leaves(product):
            names = [names[0] for names in leaf]
            own = names[0] in _OWN or (names[0], names[-1]) in _OWN_PARTS or names[:2] == ["index", "hosts"]
            if own or (names == ["status"] and value == "released"):
                continue
            auth = (names[0], names[-1]) == ("distributions", "auth")
            paths = [path for path in product.evidence if not auth or path.endswith(".auth")]
            if not any(covers(path, leaf) for path in paths):
                yield Fault(f"products/{product.id}.yaml", ".".join(names), "no evidence: name the source of the value")


RULE = Rule("evidence-complete", "error", check, __doc__)
