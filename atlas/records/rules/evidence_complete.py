"""Every value of a product has evidence, at its own path or at the path of a group around it.

Exempt is what the atlas itself decides: `id`, `aliases`, `family`, `keywords`, the `status` released, ids and titles
of parts, what the crawler may do (`index.kind`, `index.hosts`), the parts that hold sources themselves, and the
`summary`, which repeats fields (rule `summary-repeats`). Whether data need an account, who pays, and what pages and
readers of ranges may do (`auth`, `requester_pays`, `cors`, `range_reads`) is seldom told where data are described, so
that the evidence of a group is not enough: it stands at `distributions.<id>.auth` and so on, also where the value is
false.
"""

from collections.abc import Iterator

from atlas.records.paths import covers, leaves
from atlas.records.rules.base import Context, Fault, Rule
from atlas.records.rules.stated_or_not import REMOTE

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
_MESSAGE = "no evidence: name the source of the value"


def check(context: Context) -> Iterator[Fault]:
    """Look for the evidence of every value."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        for leaf, value in leaves(product):
            names = [names[0] for names in leaf]
            own = names[0] in _OWN or (names[0], names[-1]) in _OWN_PARTS or names[:2] == ["index", "hosts"]
            if own or (names == ["status"] and value == "released"):
                continue
            if names[0] == "distributions" and names[-1] in REMOTE:
                continue
            if not any(covers(path, leaf) for path in product.evidence):
                yield Fault(file, ".".join(names), _MESSAGE)
        for place in product.distributions:
            for name in REMOTE:
                paths = {f"distributions.{place.id}.{name}", f"distributions.*.{name}"}
                if getattr(place, name) is not None and not paths & product.evidence.keys():
                    yield Fault(file, f"distributions.{place.id}.{name}", _MESSAGE)


RULE = Rule("evidence-complete", "error", check, __doc__)
