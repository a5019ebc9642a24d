"""JSON first, CSV where the answer is a table and the client asks for it."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from atlas.api.errors import BadRequestError
from atlas.api.responses import CSV, json_response, tagged
from atlas.api.types import Json

__all__ = ["answer", "wants_csv"]

_RISKY = ("=", "+", "-", "@", "\t", "\r")


def wants_csv(request: Request, values: Mapping[str, str]) -> bool:
    """Whether the client prefers CSV: by the parameter `f`, else by its Accept header.

    Raises:
        BadRequestError: `f` is neither json nor csv.
    """
    form = values.get("f")
    if form is not None:
        if form not in ("json", "csv"):
            raise BadRequestError(f"{form[:20]!r} is neither json nor csv", parameter="f")
        return form == "csv"
    quality = {"text/csv": 0.0, "application/json": 0.0}
    for part in request.headers.get("accept", "").split(","):
        media, *options = (p.strip() for p in part.split(";"))
        weight = 1.0
        for option in options:
            if option.startswith("q="):
                try:
                    weight = float(option[2:])
                except ValueError:
                    weight = 0.0
        if media in ("*/*", "application/*"):
            media = "application/json"
        elif media == "text/*":
            media = "text/csv"
        if media in quality:
            quality[media] = max(quality[media], weight)
    return quality["text/csv"] > quality["application/json"]


def answer(
    request: Request,
    values: Mapping[str, str],
    document: Json,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, object]],
    *,
    lasting: bool = False,
) -> Response:
    """The document, or its table as CSV; a `lasting` answer may be kept for a minute."""
    if not wants_csv(request, values):
        response = json_response(request, document, lasting=lasting)
    else:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(row.get(c)) for c in columns])
        response = tagged(request, text.getvalue().encode(), CSV, lasting=lasting)
    response.headers["Vary"] = "Accept"
    return response


def _cell(value: object) -> object:
    """A value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = " ".join(str(v) for v in value)
    if isinstance(value, str) and value.startswith(_RISKY):
        return f"'{value}"
    return value
