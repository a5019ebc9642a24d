"""What a model learned from against what it read: lines of a product page, and the matrix over all products."""

from dataclasses import dataclass

from atlas.records import Catalog
from atlas.records.product import InputUse, Product
from atlas.web.evidence import Evidences

__all__ = ["InputLine", "Use", "input_lines"]

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


def _use(uses: list[InputUse] | None, name: str, side: str, evidences: Evidences) -> Use | None:
    for use in uses or ():
        if use.input == name:
            return Use(
                ROLE_WORDS.get(use.role or "", "role not stated"), use.note or "", evidences.refs(f"{side}.{name}")
            )
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
            _use(product.training_data, name, "training_data", evidences),
            _use(product.inference_data, name, "inference_data", evidences),
        )
        for name in names
    )
