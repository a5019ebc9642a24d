"""The schema of one field, to check a value of it and to explain why it is refused."""

from functools import cache

import jsonschema_rs

from stac_emb.causes import distinct
from stac_emb.faults import explain
from stac_emb.fields import BY_NAME
from stac_emb.identity import SCHEMA_URI
from stac_emb.registry import load_schema

__all__ = ["accepts", "why_refused"]


@cache
def _validator(name: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft7Validator(
        {"$ref": f"{SCHEMA_URI}#/definitions/{name}"}, retriever=lambda _: load_schema(SCHEMA_URI)
    )


def accepts(name: str, value: object) -> bool:
    """Whether a value is valid for one of the fields."""
    return name in BY_NAME and _validator(name).is_valid(value)


def why_refused(name: str, value: object) -> str:
    """The faults of a value of a field; none where the schema accepts it."""
    faults = distinct(explain(_validator(name).iter_errors(value), SCHEMA_URI, None))
    return "; ".join(f"{fault.pointer}: {fault.message}".removeprefix(": ") for fault in faults)
