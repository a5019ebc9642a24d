"""What may be mixed: every two spaces, grouped by model, and every two distributions of a product."""

from atlas.answers.mixing import Mix, copies, folded, models_of_spaces, space_pair
from atlas.records import Catalog, Space
from atlas.web.page import Context, Head, Page
from atlas.web.pages.rows import ProductRow, product_rows

__all__ = ["MARKS", "mixing_page"]

MARKS = {
    Mix.SAME: ("=", "same space: mix freely"),
    Mix.ALIGNED: ("≈", "aligned: trained to be compared"),
    Mix.PREFIX: ("<", "a prefix: truncate to a stated length"),
    Mix.PART: ("⊃", "one contains the other: compare that part only"),
    Mix.INCOMPATIBLE: ("×", "incompatible: a distance means nothing"),
    Mix.UNKNOWN: ("?", "unknown: not stated"),
    Mix.MIXED: ("±", "differs from pair to pair"),
    Mix.IDENTICAL: ("=", "bit-identical"),
    Mix.REQUANTIZED: ("~", "requantised: equal up to rounding"),
    Mix.RESAMPLED: ("#", "resampled: another grid"),
}
"""Sign and meaning of each kind."""
_ORDER = (Mix.SAME, Mix.ALIGNED, Mix.PREFIX, Mix.PART, Mix.UNKNOWN, Mix.INCOMPATIBLE)


def mixing_page(catalog: Catalog) -> Page:
    """The page of all pairs."""
    models, rows = models_of_spaces(catalog), product_rows(catalog)
    ids = list(catalog.spaces)
    pairs = {(a, b): space_pair(catalog.spaces, a, b) for a in ids for b in ids}
    in_space: dict[str | None, list[ProductRow]] = {}
    for row in rows:
        in_space.setdefault(row.space, []).append(row)

    def entry(space: Space) -> Context:
        """A space, the others about which something is recorded, the best first, and the number of those left."""
        known = [(catalog.spaces[o], pairs[space.id, o]) for o in ids if o != space.id]
        told = [(o, p) for o, p in known if p.recorded]
        told.sort(key=lambda pair: (_ORDER.index(pair[1].kind), pair[0].title.casefold()))
        own = pairs[space.id, space.id]
        members = in_space.get(space.id, ())
        return Context(space=space, rows=members, own=own, others=told, apart=len(known) - len(told))

    def among(first: list[Space], second: list[Space]) -> Mix:
        different = [pairs[a.id, b.id] for a in first for b in second if first is not second or a is not b]
        return folded(different) if different else Mix.SAME

    lines = [
        Context(
            name=name,
            anchor=f"model-{spaces[0].id}",  # names such as RANGE and RANGE+ would give the same anchor
            entries=[entry(s) for s in spaces],
            # kinds of its pairs with each model, and of those of its own spaces, row by row
            cells=[among(spaces, others) for others in models.values()],
            inner=[[pairs[a.id, b.id].kind for b in spaces] for a in spaces] if len(spaces) > 1 else (),
        )
        for name, spaces in models.items()
    ]
    products = [_copies(catalog, row) for row in rows if len(copies(catalog.products[row.id]))]
    head = Head(
        "What may be mixed",
        "Every two vector spaces and every two distributions: same, aligned, prefix, incompatible or unknown.",
        "mixing.html",
        section="spaces",
        crumbs=(("Vector spaces", "spaces.html"),),
    )
    context = Context(
        models=lines,
        spaces=len(ids),
        products=products,
        marks=MARKS,
        space_marks=(*_ORDER[:4], Mix.INCOMPATIBLE, Mix.UNKNOWN, Mix.MIXED),
        copy_marks=(Mix.IDENTICAL, Mix.REQUANTIZED, Mix.RESAMPLED, Mix.UNKNOWN),
    )
    recorded = [p for (a, b), p in pairs.items() if a < b and p.recorded]
    twin = {
        "spaces": [p.as_json() for p in recorded],
        "other_spaces": str(Mix.INCOMPATIBLE),
        "distributions": {p.row.id: [c.as_json() for c in p.pairs] for p in products},
    }
    return Page("mixing.html", head, context, twin)


def _copies(catalog: Catalog, row: ProductRow) -> Context:
    """The distributions of a product, and each pair by row and column, None on the diagonal."""
    found = copies(catalog.products[row.id])
    names = tuple(dict.fromkeys(name for c in found for name in c.distributions))
    by_pair = {frozenset(c.distributions): c for c in found}
    cells = [[by_pair.get(frozenset((a, b))) for b in names] for a in names]
    return Context(row=row, names=names, cells=cells, pairs=found)
