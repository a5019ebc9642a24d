"""What a model learned from against what it read: lines of a product page, and the matrix over all products."""

from dataclasses import dataclass

from atlas.records import Catalog, Input
from atlas.records.inputs import ancestors
from atlas.records.product import InputUse, Product
from atlas.web.evidence import Evidences
from atlas.web.page import Head, Page
from atlas.web.pages.rows import ProductRow, product_rows

__all__ = ["InputLine", "InputsPage", "MatrixRow", "Use", "input_lines", "inputs_page"]

ROLE_WORDS = {"input": "input", "target": "target", "auxiliary": "auxiliary"}


@dataclass(frozen=True)
class Use:
    """How one product uses one input on one side.

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
        id: of the input.
        title: of the input.
        training: use in training; None where it is not named there.
        inference: use in inference; None where it is not named there.
    """

    id: str
    title: str
    training: Use | None
    inference: Use | None


def _use(uses: list[InputUse] | None, name: str, side: str, evidences: Evidences, catalog: Catalog) -> Use | None:
    """The use of an input, or else of a part of it, such as a processing level of a sensor."""
    parts = [use for use in uses or () if name in ancestors(catalog.inputs, use.input)]
    for use in [*(use for use in uses or () if use.input == name), *parts]:
        note = use.note or ""
        if use.input != name:
            note = catalog.inputs[use.input].title + (f": {note}" if note else "")
        return Use(ROLE_WORDS.get(use.role or "", "role not stated"), note, evidences.refs(f"{side}.{use.input}"))
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


@dataclass(frozen=True)
class MatrixRow:
    """One input across all products; what is part of it counts for it.

    Attributes:
        input: the record.
        cells: per product: use in training and in inference.
        trains: number of products that learned from it.
        reads: number of products that read it.
    """

    input: Input
    cells: tuple[tuple[Use | None, Use | None], ...]
    trains: int
    reads: int


@dataclass(frozen=True)
class InputsPage:
    """Context of the inputs matrix.

    Attributes:
        head: of the page.
        columns: products with, per side, whether the producer states it.
        rows: inputs, those used most first.
        unused: inputs that no product names.
    """

    head: Head
    columns: tuple[tuple[ProductRow, bool, bool], ...]
    rows: tuple[MatrixRow, ...]
    unused: tuple[Input, ...]


def inputs_page(catalog: Catalog) -> Page:
    """The matrix of inputs and products."""
    products = [(row, catalog.products[row.id]) for row in product_rows(catalog)]
    evidences = {p.id: Evidences(p) for _, p in products}
    rows = []
    for item in catalog.inputs.values():
        cells = tuple(
            (
                _use(p.training_data, item.id, "training_data", evidences[p.id], catalog),
                _use(p.inference_data, item.id, "inference_data", evidences[p.id], catalog),
            )
            for _, p in products
        )
        rows.append(MatrixRow(item, cells, sum(a is not None for a, _ in cells), sum(b is not None for _, b in cells)))
    used = sorted(
        (r for r in rows if r.trains or r.reads), key=lambda r: (-r.trains - r.reads, r.input.title.casefold())
    )
    context = InputsPage(
        Head(
            "Inputs",
            "Which satellite and other data each embedding model learned from, and which it read to make its vectors.",
            "inputs.html",
            section="inputs",
            twin="inputs.json",
        ),
        tuple((row, p.training_data is not None, p.inference_data is not None) for row, p in products),
        tuple(used),
        tuple(sorted((r.input for r in rows if not (r.trains or r.reads)), key=lambda i: i.title.casefold())),
    )
    twin = {
        "inputs": [i.model_dump(mode="json", exclude_none=True) for i in catalog.inputs.values()],
        "uses": [
            {"product": p.id, "side": side, **use.model_dump(mode="json", exclude_none=True)}
            for _, p in products
            for side, uses in (("training", p.training_data), ("inference", p.inference_data))
            for use in uses or ()
        ],
    }
    return Page("inputs.html", context, twin)
