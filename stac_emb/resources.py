"""The folder of the schemas: beside the package in a checkout, inside it in a wheel."""

from functools import cache
from pathlib import Path

__all__ = ["schemas_dir"]

_PACKAGE = Path(__file__).resolve().parent


@cache
def schemas_dir() -> Path:
    """The folder with `emb` and `vendor`.

    Raises:
        FileNotFoundError: the installation is incomplete: neither a checkout nor a wheel holds the folder.
    """
    for candidate in (_PACKAGE / "_schemas", _PACKAGE.parent / "schemas"):
        if candidate.is_dir():
            return candidate
    msg = f"the folder 'schemas' is missing from this installation: neither in {_PACKAGE} nor beside it"
    raise FileNotFoundError(msg)
