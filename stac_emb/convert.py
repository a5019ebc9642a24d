"""`stac-emb convert`, also `atlas convert`: from the extension to related formats, and back."""

import json
import sys
from codecs import BOM_UTF8
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from stac_emb.crosswalk.croissant import to_croissant
from stac_emb.crosswalk.draft_lift import is_draft, lift_draft
from stac_emb.crosswalk.draft_lower import to_draft
from stac_emb.crosswalk.mlm import from_mlm, is_mlm, to_mlm
from stac_emb.crosswalk.outcome import Converted
from stac_emb.crosswalk.zarr_attributes import from_zarr, to_zarr
from stac_emb.document import parse_value
from stac_emb.errors import UnreadableInput, ValidationFailed
from stac_emb.identity import PREFIX, SCHEMA_URI
from stac_emb.inputs.sources import MAX_BYTES
from stac_emb.inputs.strict_json import as_object, parse
from stac_emb.schema_cache import schema_cache
from stac_emb.validate import Validator

__all__ = ["convert"]

_STAND_IN = {
    "type": "Collection",
    "stac_version": "1.1.0",
    "id": "lifted",
    "description": "Fields of another form",
    "license": "other",
    "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}},
    "links": [{"rel": "license", "href": "https://example.com/licence"}],
    "emb:type": "pixel",
}
"""Required members of a Collection, filled in so that the lifted fields can be checked."""


def _cards() -> Any:  # noqa: ANN401  # a module
    """The module of dataset cards, imported only when needed because it loads a YAML library."""
    try:
        return import_module("stac_emb.crosswalk.dataset_card")
    except ImportError:
        msg = "a dataset card is YAML, and no library reads it here: `pip install 'stac-emb[cards]'`"
        raise UnreadableInput(msg) from None


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES)
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{name}: {error.strerror}") from None


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableInput(f"{name}: not UTF-8 at byte {error.start}") from None


def _document(name: str, data: bytes) -> dict[str, Any]:
    try:
        return as_object(parse(data))
    except (UnreadableInput, ValueError) as error:
        raise UnreadableInput(f"{name}: {error}") from None


def _to_emb(name: str, data: bytes) -> Converted:
    """Convert a document of the draft, Zarr attributes, or a dataset card to the extension."""
    if data.removeprefix(BOM_UTF8).lstrip().startswith(b"---"):
        cards = _cards()
        card = cards.parse_card(_text(name, data))
        if not any(str(key).startswith("embedding_") for key in card):
            msg = f"{name}: the front matter has no `embedding_...` key, so it is not the card of an embedding data set"
            raise UnreadableInput(msg)
        return _lifted(name, "keys of the dataset card", lambda: cards.from_card(card))
    document = _document(name, data)
    attributes = document.get("attributes", document)
    if isinstance(attributes, dict) and "geoemb:type" in attributes:
        lifted = _lifted(name, "`geoemb:` attributes", lambda: from_zarr(attributes))
        for key in document if attributes is not document else ():
            if key != "attributes":
                lifted.lose(key, "describes the store, not its vectors")
        return lifted
    if is_mlm(document):
        return _lifted(name, "fields of the model", lambda: from_mlm(document))
    if is_draft(document):
        return _checked(lift_draft(document))
    if SCHEMA_URI in (document.get("stac_extensions") or []):
        raise UnreadableInput(f"{name}: declares {SCHEMA_URI} already: there is nothing to convert")
    known = "a document of the community draft, an Item of a model (MLM), `geoemb:` attributes or a dataset card"
    raise UnreadableInput(f"{name}: none of what can be converted: {known}")


def _lifted(name: str, form: str, lift: Callable[[], Converted]) -> Converted:
    """Fields of a Collection from another description of a data set, and what a Collection still needs."""
    try:
        outcome = lift()
    except KeyError as error:
        msg = f"{name}: not complete: {form} need {error.args[0]!r}, which is missing or has a meaningless value"
        raise UnreadableInput(msg) from None
    except (TypeError, AttributeError, ValueError) as error:
        raise UnreadableInput(f"{name}: a value in the {form} is of the wrong type ({error})") from None
    for field, value in outcome.document.items():
        if not field.startswith(PREFIX):
            continue
        try:
            parse_value(field, value)
        except ValidationFailed as error:
            raise UnreadableInput(f"{name}: the {form} give a value that has no meaning: {error}") from None
    for field in ("type", "stac_version", "id", "description", "extent", "links", "emb:type"):
        if field not in outcome.document:
            outcome.lack(field, f"a Collection demands it, the {form} do not state it")
    outcome.invalid += _faults(_STAND_IN | outcome.document)
    return outcome


def _faults(document: dict[str, Any]) -> list[str]:
    found = Validator(fetch=schema_cache()).validate(document)
    return [f"{fault.pointer or '/'}: {fault.message}" for fault in found]


def _checked(outcome: Converted) -> Converted:
    """A whole document with its faults, including those of the input."""
    if not outcome.missing:
        outcome.invalid += _faults(outcome.document)
    return outcome


def _from_emb(name: str, data: bytes, form: str) -> Converted:
    document = _document(name, data)
    if SCHEMA_URI not in (document.get("stac_extensions") or []):
        raise UnreadableInput(f"{name}: does not declare {SCHEMA_URI}")
    if faults := _faults(document):
        raise UnreadableInput(f"{name}: invalid, so it is not converted: {'; '.join(faults)}")
    if form == "draft":
        return _checked(to_draft(document))
    if document["type"] != "Collection":
        raise UnreadableInput(f"{name}: `--to {form}` describes a whole data set: give its Collection")
    if form == "mlm":
        if "emb:model" not in document:
            raise UnreadableInput(f"{name}: states no `emb:model` that an Item of MLM could describe")
        return _checked(to_mlm(document))
    if form == "card":
        outcome: Converted = _cards().to_card(document)
        return outcome
    return {"zarr": to_zarr, "croissant": to_croissant}[form](document)


def convert(name: str, form: str, out: Path | None, echo: Callable[[str, bool], None]) -> int:
    """Run the command.

    Args:
        name: what to convert.
        form: one of `stac_emb.convert_options.FORMS`.
        out: where to write to; printed where it is None.
        echo: prints a line, to standard error where the flag is set.

    Returns:
        The exit code.
    """
    data = _read(name)
    outcome = _to_emb(name, data) if form == "emb" else _from_emb(name, data, form)
    text = (
        _cards().render_card(outcome.document)
        if form == "card"
        else json.dumps(outcome.document, indent=2, ensure_ascii=False) + "\n"
    )
    if out is None:
        echo(text.removesuffix("\n"), False)
    else:
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UnreadableInput(f"{out}: {error.strerror}") from None
    told = {"moved": outcome.moved, "lost": outcome.lost, "missing": outcome.missing, "invalid": outcome.invalid}
    for kind, lines in told.items():
        for line in lines:
            echo(f"{kind}: {line}", True)
    return 1 if outcome.missing or outcome.invalid else 0
