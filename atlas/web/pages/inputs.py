"""Training data and data read at inference: lines of a product page, and the matrix over all products."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from atlas.records import Catalog, Input
from atlas.records.inputs import ancestors
from atlas.records.product import InputUse, Product
from atlas.web.facts import Evidences
from atlas.web.figures.names import family_names
from atlas.web.page import Context, Head, Page
from atlas.web.pages.rows import ProductRow, product_rows

__all__ = ["input_lines", "inputs_page"]


def _use(uses: list[InputUse] | None, name: str, side: str, evidences: Evidences, catalog: Catalog) -> Context | None:
    """The use of an input, else of a part of it, such as a processing level of a sensor: role, note and sources."""
    parts = [use for use in uses or () if name in ancestors(catalog.inputs, use.input)]
    for use in [*(use for use in uses or () if use.input == name), *parts]:
        note = use.note or ""
        if use.input != name:
            note = catalog.inputs[use.input].title + (f": {note}" if note else "")
        refs = evidences.refs(f"{side}.{use.input}")
        return Context(role=use.role or "role not stated", note=note, refs=refs)
    return None


def input_lines(product: Product, catalog: Catalog, evidences: Evidences) -> list[Context] | None:
    """Each input of a product and its use in training and at inference, None where it is not named there.

    In the order of the record; None where neither side is recorded.
    """
    if product.training_data is None and product.inference_data is None:
        return None
    names = dict.fromkeys(use.input for side in (product.training_data, product.inference_data) for use in side or ())
    return [
        Context(
            id=name,
            title=catalog.inputs[name].title if name in catalog.inputs else name,
            training=_use(product.training_data, name, "training_data", evidences, catalog),
            inference=_use(product.inference_data, name, "inference_data", evidences, catalog),
        )
        for name in names
    ]


Said = Literal["yes", "no", "unsaid"]


@dataclass(frozen=True)
class Cell:
    """How products of one family use the inputs of one group, in training or at inference.

    Attributes:
        said: `yes` where at least one uses it; `no` where the lists of all are stated and it is in none; else `unsaid`.
        mark: L learned from, T only learned to predict, R read at inference; empty without a use.
        count: products that use it.
        of: products of the family.
    """

    said: Said
    mark: str
    count: int
    of: int

    @property
    def words(self) -> str:
        """The cell in words, for screen readers."""
        if self.said != "yes":
            return "no" if self.said == "no" else "not stated"
        use = {"L": "learned from", "T": "learned to predict", "R": "read at inference"}[self.mark]
        return use if self.count == self.of else f"{use} by {self.count} of {self.of}"


def _cell(products: Sequence[Product], side: str, names: Iterable[str], catalog: Catalog) -> Cell:
    wanted, roles, count, silent = set(names), set(), 0, False
    for product in products:
        uses: list[InputUse] | None = getattr(product, side)
        silent = silent or uses is None
        found = [u for u in uses or () if wanted & {u.input, *ancestors(catalog.inputs, u.input)}]
        roles |= {u.role for u in found}
        count += bool(found)
    if not count:
        return Cell("unsaid" if silent else "no", "", 0, len(products))
    mark = "R" if side == "inference_data" else "T" if roles == {"target"} else "L"
    return Cell("yes", mark, count, len(products))


def _both(products: Sequence[Product], names: Iterable[str], catalog: Catalog) -> tuple[Cell, Cell]:
    wanted = list(names)
    return _cell(products, "training_data", wanted, catalog), _cell(products, "inference_data", wanted, catalog)


def _families(catalog: Catalog) -> list[Context]:
    """Families with their products, the inputs that at least one names, and both uses by product and input."""
    titles, shelves = family_names(catalog), dict[str, list[ProductRow]]()
    for row in product_rows(catalog):
        shelves.setdefault(row.family or row.id, []).append(row)
    found = []
    for name, rows in shelves.items():
        products = [catalog.products[r.id] for r in rows]
        named = dict.fromkeys(u.input for p in products for s in (p.training_data, p.inference_data) for u in s or ())
        inputs = sorted((catalog.inputs[i] for i in named if i in catalog.inputs), key=lambda i: i.title.casefold())
        table = tuple(tuple(_both([p], [i.id], catalog) for i in inputs) for p in products)
        title = titles.get(name, rows[0].title) if len(rows) > 1 else rows[0].title
        found.append(Context(id=name, title=title, products=rows, inputs=inputs, table=table))
    return sorted(found, key=lambda f: f.title.casefold())


def _groups(catalog: Catalog, families: Sequence[Context]) -> list[Context]:
    """Inputs of one sensor, or of one modality where no sensor made them, with both uses by family.

    `trains` and `reads` count the products that were trained on one of them, and that read one.
    """
    shelves: dict[tuple[str, str], list[Input]] = {}
    for item in catalog.inputs.values():
        facet, term = ("sensor", item.sensor) if item.sensor else ("modality", item.modality)
        known = catalog.taxonomy[facet].terms if facet in catalog.taxonomy else {}
        shelves.setdefault((term, known[term].label if term in known else term), []).append(item)
    everything = list(catalog.products.values())
    found = []
    for (term, title), inputs in shelves.items():
        names = [i.id for i in inputs]
        cells = [_both([catalog.products[r.id] for r in f.products], names, catalog) for f in families]
        training, inference = _both(everything, names, catalog)
        found.append(
            Context(
                id=f"group-{term}",
                title=title,
                inputs=sorted(inputs, key=lambda i: i.title.casefold()),
                cells=cells,
                trains=training.count,
                reads=inference.count,
            )
        )
    return sorted(found, key=lambda g: (-g.trains - g.reads, g.title.casefold()))


def inputs_page(catalog: Catalog) -> Page:
    """The page of inputs: groups of inputs by family, then by product, then the inputs."""
    families = _families(catalog)
    modality = catalog.taxonomy.get("modality")
    head = Head(
        "Inputs",
        "Which satellite and other data each embedding model was trained on, and which it read to make its vectors.",
        "inputs.html",
        section="inputs",
        scripts=("inputs",),
    )
    context = Context(
        families=tuple(families),
        groups=tuple(_groups(catalog, families)),
        modalities={t.id: t.label for t in modality.terms.values()} if modality else {},
    )
    twin = {
        "inputs": [i.model_dump(mode="json", exclude_none=True) for i in catalog.inputs.values()],
        "uses": [
            {"product": p.id, "side": side, **use.model_dump(mode="json", exclude_none=True)}
            for p in catalog.products.values()
            for side, uses in (("training", p.training_data), ("inference", p.inference_data))
            for use in uses or ()
        ],
    }
    return Page("inputs.html", head, context, twin)
