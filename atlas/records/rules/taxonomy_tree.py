"""Terms form trees: a broader term exists in the same facet and no term is its own ancestor; related terms exist.

The members of a facet's terms belong to one term each.
"""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule
from atlas.records.taxonomy import Facet

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Walk every facet."""
    for facet in context.catalog.taxonomy.values():
        file = f"taxonomy/{facet.id}.yaml"
        owner: dict[str, str] = {}
        for term in facet.terms.values():
            path = f"terms.{term.id}"
            if term.broader is not None and term.broader not in facet.terms:
                yield Fault(file, f"{path}.broader", f"'{term.broader}' is not a term of this facet")
            elif _is_own_ancestor(facet, term.id):
                yield Fault(file, f"{path}.broader", f"'{term.id}' is its own broader term")
            for name in term.related:
                other, _, wanted = name.partition("/")
                known = context.catalog.taxonomy.get(other)
                if known is None or wanted not in known.terms:
                    yield Fault(file, f"{path}.related", f"'{name}' is not a term: write facet/term")
            for member in term.members:
                if owner.setdefault(member, term.id) != term.id:
                    yield Fault(file, f"{path}.members", f"'{member}' also belongs to '{owner[member]}'")


def _is_own_ancestor(facet: Facet, start: str) -> bool:
    seen: set[str] = set()
    term = facet.terms[start].broader
    while term is not None and term in facet.terms and term not in seen:
        if term == start:
            return True
        seen.add(term)
        term = facet.terms[term].broader
    return False


RULE = Rule("taxonomy-tree", "error", check, __doc__)
