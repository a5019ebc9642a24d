"""Names for the types that the modules of the API share."""

from typing import Any, TypeAlias

__all__ = ["Connection", "Json", "Row"]

Json: TypeAlias = Any
"""A decoded JSON value: its shape is what the code that reads it checks."""
Connection: TypeAlias = Any
"""An asyncpg connection (asyncpg ships no types)."""
Row: TypeAlias = Any
"""An asyncpg record, read by position or name."""
