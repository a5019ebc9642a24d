"""What counts as a number in a JSON document."""

from typing import TypeGuard

__all__ = ["is_number"]


def is_number(value: object) -> TypeGuard[float]:
    """Whether a JSON value is a number: true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
