"""Whole numbers in headers and listings of hosts."""

import re

__all__ = ["said_once", "whole_number"]

_DIGITS = re.compile(r"[0-9]{1,18}")
"""More would not fit into 64 bits; and to Python characters such as the superscript 2 of Latin-1 are digits too."""


def whole_number(text: str | None) -> int | None:
    """A text as a whole number; None where it is not one."""
    return int(text) if text is not None and _DIGITS.fullmatch(text) else None


def said_once(header: str | None) -> str | None:
    """A header that proxies on the way may have repeated, as `5, 5`; unchanged where its values differ."""
    said = {one.strip() for one in (header or "").split(",")}
    return header if len(said) > 1 or header is None else said.pop()
