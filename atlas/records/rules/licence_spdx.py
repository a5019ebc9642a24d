"""A licence is an SPDX expression, or `LicenseRef-<name>` for one that is not in the SPDX list.

Example: `CC-BY-4.0`, `LicenseRef-OlmoEarth-Artifact`, `Apache-2.0 AND MIT`.
"""

from collections.abc import Iterator

from atlas.records.classify import licence_symbols
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Try to read every licence of products and ecosystem entries."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        for path, licence in (
            ("licences.data", product.licences.data),
            ("model.license", product.model.license),
            ("model.code_license", product.model.code_license),
        ):
            if licence is not None and (problem := _problem(licence)):
                yield Fault(file, path, f"'{licence}' is not an SPDX expression: {problem}")
    for entry in context.catalog.ecosystem.values():
        card = entry.model
        for path, licence in (
            ("license", entry.license),
            ("model.license", card.license if card else None),
            ("model.code_license", card.code_license if card else None),
        ):
            if licence is not None and (problem := _problem(licence)):
                yield Fault("ecosystem.yaml", path, f"'{licence}' is not an SPDX expression: {problem}", entry.id)


def _problem(licence: str) -> str | None:
    try:
        licence_symbols(licence)
    except ValueError as error:
        return str(error)
    return None


RULE = Rule("licence-spdx", "error", check, __doc__)
