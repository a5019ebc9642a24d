"""Whole numbers in headers and listings of hosts."""

import re

__all__ = ["said_once", "whole_number"]

_DIGITS = re.compile(r"[0-9]{1,18}")
"""At most 18 digits, which fit into 64 bits; ASCII only, as for Python the superscript 2 of Latin-1 is a digit too."""


def whole_number(text: str | None) -> int | None:
    """A text as a whole number; None where it is not one."""
    return int(text) if text is not None and _DIGITS.fullmatch(text) else None


def said_once(header: str | None) -> str | None:
    """The value of a header that proxies may have repeated, as in `5, 5`; unchanged where the values differ."""
    said = {one.strip() for one in (header or "").split(",")}
    return header if len(said) > 1 or header is None else said.pop()
