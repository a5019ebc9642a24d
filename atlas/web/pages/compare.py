"""Side by side: every product as a column, every field as a row; a script shows the two to four chosen ones."""

from atlas.answers.comparable import comparable_spaces
from atlas.answers.evidence import UNKNOWN, absent_words
from atlas.answers.facts import FACTS
from atlas.answers.verdicts import Verdict
from atlas.records import Catalog, Product
from atlas.records.absence import REASON_WORDS
from atlas.web.page import Context, Head, Page
from atlas.web.pages.rows import ProductRow, product_rows
from atlas.web.verdicts import space_pairs

__all__ = ["compare_page"]


def _examples(rows: tuple[ProductRow, ...], catalog: Catalog) -> tuple[tuple[str, str], ...]:
    """A pair in one space, and pairs that look alike but must not be mixed."""
    by_space: dict[str, list[ProductRow]] = {}
    for row in rows:
        if row.space:
            by_space.setdefault(row.space, []).append(row)
    pairs = [members[:2] for members in by_space.values() if len(members) > 1][:1]
    known = [(s.id, r.space) for s in catalog.spaces.values() for r in s.relations]
    pairs += [
        [by_space[a][0], by_space[b][0]]
        for a, b in known
        if a in by_space and b in by_space and comparable_spaces(catalog.spaces, a, b).verdict is Verdict.NO
    ][:2]
    return tuple((f"{x.id},{y.id}", f"{x.title} and {y.title}") for x, y in pairs)


def compare_page(catalog: Catalog) -> Page:
    """The compare page."""
    rows = product_rows(catalog)
    products = [catalog.products[r.id] for r in rows]

    def cell(product: Product, path: str, text: str | None) -> str:
        missing = absent_words(product, path)
        return text or ("none known" if path == "known_issues" and missing == UNKNOWN else missing)

    # text by field and product; for a missing value the reason, or `unknown`
    table = {
        label: [cell(p, field.source_path(p), field.words(p, catalog)) for p in products]
        for label, field in FACTS.items()
    }
    head = Head(
        "Compare",
        "Two to four embedding products side by side, the differing rows first, with a warning where their "
        "vectors must not be mixed.",
        "compare.html",
        section="compare",
        contents="across",
        scripts=("compare",),
    )
    context = Context(
        products=rows,
        rows=table,
        aliases={p.id: p.aliases for p in products},
        examples=_examples(rows, catalog),
        most=4,
        missing=frozenset({*REASON_WORDS.values(), UNKNOWN}),
    )
    twin = {
        "products": [r.id for r in rows],
        "rows": [{"label": label, "values": values} for label, values in table.items()],
        "spaces": space_pairs(catalog),
    }
    return Page("compare.html", head, context, twin)
