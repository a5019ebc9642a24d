"""Write the static STAC catalogue as a folder, all or nothing."""

import contextlib
import glob
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import orjson

from atlas.errors import StoreError
from atlas.files import held
from atlas.stac.catalog import ROOT_ID, StaticDocument

__all__ = ["write_static"]


def write_static(documents: Iterable[StaticDocument], out: Path) -> int:
    """Write documents below a folder, which is replaced as a whole, and return how many there are.

    The documents are written beside the folder first: where something fails, the old folder stays as it was. What a
    killed run left there is removed.

    Raises:
        StoreError: the folder holds anything but a catalogue of the atlas, or cannot be written.
    """
    _check_replaceable(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(out)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch, held(Path(scratch)):
        fresh = Path(scratch) / "new"
        count = 0
        for document in documents:
            target = fresh / document.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(orjson.dumps(document.body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
            count += 1
        try:
            if out.exists():
                out.rename(Path(scratch) / "old")
            fresh.rename(out)
        except OSError as error:
            raise StoreError(f"{out} cannot be replaced: {error.strerror}") from error
    return count


def _remove_leftovers(out: Path) -> None:
    """Remove the folders of killed runs; a catalogue that one had moved away is moved back."""
    for left in out.parent.glob(f".{glob.escape(out.name)}-????????"):
        if not left.is_dir():
            continue
        with contextlib.suppress(FileNotFoundError, BlockingIOError), held(left):
            if {path.name for path in left.iterdir()} <= {"new", "old"}:
                if (left / "old").is_dir() and not out.exists():
                    (left / "old").rename(out)
                shutil.rmtree(left)


def _check_replaceable(out: Path) -> None:
    """Refuse to replace a folder that this function did not write."""
    if not out.exists():
        return
    if not out.is_dir():
        raise StoreError(f"{out} is a file; name a folder for the catalogue")
    if not any(out.iterdir()):
        return
    try:
        ours = orjson.loads((out / "catalog.json").read_bytes()).get("id") == ROOT_ID
    except (OSError, orjson.JSONDecodeError, AttributeError):
        ours = False
    if not ours:
        raise StoreError(f"{out} is not empty and holds no catalogue of the atlas: name another folder, or empty it")
