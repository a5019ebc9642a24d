"""Training data and data read at inference: lines of a product page, and the matrix over all products."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from atlas.records import Catalog, Input
from atlas.records.inputs import ancestors
from atlas.records.product import InputUse, Product
from atlas.web.evidence import Evidences
from atlas.web.figures.names import family_names
from atlas.web.page import Context, Head, Page
from atlas.web.pages.rows import ProductRow, product_rows

__all__ = ["Cell", "Family", "InputGroup", "InputLine", "Use", "input_lines", "inputs_page"]


@dataclass(frozen=True)
class Use:
    """How one product uses one input, in training or at inference.

    Attributes:
        role: input, target or auxiliary.
        note: remark of the record.
        refs: numbers of the sources on the product's page.
    """

    role: str
    note: str
    refs: tuple[int, ...]


@dataclass(frozen=True)
class InputLine:
    """One input of a product.

    Attributes:
        training: use in training; None where it is not named there.
        inference: use at inference; None where it is not named there.
    """

    id: str
    title: str
    training: Use | None
    inference: Use | None


def _use(uses: list[InputUse] | None, name: str, side: str, evidences: Evidences, catalog: Catalog) -> Use | None:
    """The use of an input, else of a part of it, such as a processing level of a sensor."""
    parts = [use for use in uses or () if name in ancestors(catalog.inputs, use.input)]
    for use in [*(use for use in uses or () if use.input == name), *parts]:
        note = use.note or ""
        if use.input != name:
            note = catalog.inputs[use.input].title + (f": {note}" if note else "")
        return Use(use.role or "role not stated", note, evidences.refs(f"{side}.{use.input}"))
    return None


def input_lines(product: Product, catalog: Catalog, evidences: Evidences) -> tuple[InputLine, ...] | None:
    """Lines of a product, in the order of the record; None where neither side is recorded."""
    if product.training_data is None and product.inference_data is None:
        return None
    names = dict.fromkeys(use.input for side in (product.training_data, product.inference_data) for use in side or ())
    return tuple(
        InputLine(
            name,
            catalog.inputs[name].title if name in catalog.inputs else name,
            _use(product.training_data, name, "training_data", evidences, catalog),
            _use(product.inference_data, name, "inference_data", evidences, catalog),
        )
        for name in names
    )


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


@dataclass(frozen=True)
class Family:
    """Products of one family.

    Attributes:
        id: for links within the page.
        title: name of the family, or of its only product.
        inputs: inputs that at least one of them names.
        table: per product and input: training and inference.
    """

    id: str
    title: str
    products: tuple[ProductRow, ...]
    inputs: tuple[Input, ...]
    table: tuple[tuple[tuple[Cell, Cell], ...], ...]


@dataclass(frozen=True)
class InputGroup:
    """Inputs of one sensor, or of one modality where no sensor made them.

    Attributes:
        title: name of the sensor or modality.
        inputs: its inputs, by title.
        cells: per family: training and inference.
        trains: number of products that were trained on one of them.
        reads: number of products that read one.
    """

    id: str
    title: str
    inputs: tuple[Input, ...]
    cells: tuple[tuple[Cell, Cell], ...]
    trains: int
    reads: int


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


def _families(catalog: Catalog) -> list[Family]:
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
        found.append(Family(name, title, tuple(rows), tuple(inputs), table))
    return sorted(found, key=lambda f: f.title.casefold())


def _groups(catalog: Catalog, families: Sequence[Family]) -> list[InputGroup]:
    shelves: dict[tuple[str, str], list[Input]] = {}
    for item in catalog.inputs.values():
        facet, term = ("sensor", item.sensor) if item.sensor else ("modality", item.modality)
        known = catalog.taxonomy[facet].terms if facet in catalog.taxonomy else {}
        shelves.setdefault((term, known[term].label if term in known else term), []).append(item)
    everything = list(catalog.products.values())
    found = []
    for (term, title), inputs in shelves.items():
        names = [i.id for i in inputs]
        cells = tuple(_both([catalog.products[r.id] for r in f.products], names, catalog) for f in families)
        training, inference = _both(everything, names, catalog)
        ordered = tuple(sorted(inputs, key=lambda i: i.title.casefold()))
        found.append(InputGroup(f"group-{term}", title, ordered, cells, training.count, inference.count))
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
