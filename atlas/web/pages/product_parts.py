"""Small parts of a product's page: missing values with reasons, and the layout of vectors in a file."""

from typing import Any

from atlas.records.product import Product

__all__ = ["absent_lines", "layout_text"]


def absent_lines(product: Product) -> tuple[tuple[str, str, tuple[str, ...], str], ...]:
    """Field, reason, the addresses that were read without finding it, and a note."""
    return tuple(
        (
            path,
            why.words,
            tuple(product.sources[key].source for key in why.looked_in if key in product.sources),
            why.note or "",
        )
        for path, why in sorted(product.absent.items(), key=lambda entry: entry[1].words)
    )


def layout_text(layout: dict[str, Any] | None) -> str:
    """Where in a file the vectors stand, in words; empty where it is not stated."""
    if not layout:
        return ""
    name, axis = layout.get("name"), layout.get("axis")
    return str(layout["kind"]) + (f" “{name}”" if name else "") + (f", axis {axis}" if axis is not None else "")
