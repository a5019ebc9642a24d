"""Where the package finds `catalog/`, `schemas/` and `site/`: in a checkout beside `atlas/`, in a wheel inside it."""

from functools import cache
from pathlib import Path

from stac_emb.resources import schemas_dir

__all__ = ["data_dir"]

_PACKAGE = Path(__file__).resolve().parent


@cache
def data_dir(name: str) -> Path:
    """The folder `catalog`, `schemas`, `site` or `docs/walkthroughs`.

    Raises:
        FileNotFoundError: the installation is incomplete: neither a checkout nor a wheel holds the folder.
    """
    if name == "schemas":
        return schemas_dir()
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the folder '{name}' is missing from this installation of earth-embedding-atlas")
