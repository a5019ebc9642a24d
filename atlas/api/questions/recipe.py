"""`/atlas/products/{id}/recipe`: tested code that opens one asset of a product; and the feed of changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import Response

from atlas.api.collections import require_collection
from atlas.api.context import services, stac_url
from atlas.api.errors import BadRequestError, NotFoundError
from atlas.api.parameters import read_parameters
from atlas.api.responses import json_response, tagged
from atlas.api.search.requests import SearchRequest
from atlas.operations import names_of
from atlas.records.snippets import Snippet, load_snippets, snippets_for
from stac_emb.boxes import flat

__all__ = ["LANGUAGES", "get_recipe"]

LANGUAGES: tuple[str, ...] = get_args(Snippet.model_fields["language"].annotation)
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class _Found:
    """The Item whose assets the code opens."""

    id: str | None = None
    hrefs: Mapping[str, str] = field(default_factory=dict)
    place: tuple[float, float] | None = None


async def get_recipe(request: Request) -> Response:
    """GET /atlas/products/{product_id}/recipe: JSON, or the code alone where `Accept` names text/plain first."""
    parts = services(request)
    values = read_parameters(request.scope["query_string"], names_of("getRecipe"))
    identity, asked = request.path_params["product_id"], values.get("lang")
    product = parts.catalog.products.get(identity)
    if product is None:
        message = f"there is no product {identity[:60]!r}"
        raise NotFoundError(message)
    snippets = load_snippets()
    known = (*LANGUAGES, *dict.fromkeys(s.tool for s in snippets))
    if asked is not None and asked not in known:
        message = f"{asked[:40]!r} is none of {', '.join(known)}"
        raise BadRequestError(message, parameter="lang")
    for_it = snippets_for(product, snippets)
    found = [s for s in for_it if asked in (None, s.language, s.tool)]
    if not found:
        message = f"there is no recipe {f'in {asked} ' if asked else ''}for {identity!r}"
        if for_it:
            message += f"; there is one in {', '.join(dict.fromkeys(n for s in for_it for n in (s.language, s.tool)))}"
        elif product.loaders:
            message += f"; its record names as loaders {', '.join(x.ref or x.name for x in product.loaders)}"
        raise NotFoundError(message)
    item = await _item(request, identity, values.get("item"))
    recipes = [
        {
            "id": s.id,
            "title": s.title,
            "language": s.language,
            "tool": s.tool,
            "libraries": s.libraries,
            "distribution": s.distribution,
            "note": _note(s, item),
            "hrefs": {k: item.hrefs.get(k, v) for k, v in s.hrefs.items()},
            "code": s.render(item.hrefs, item.place),
        }
        for s in found
    ]
    if _wants_text(request):
        return tagged(request, "\n\n".join(map(_as_text, recipes)).encode(), _TEXT)
    document = {"product": product.id, "title": product.title, "item": item.id, "recipes": recipes}
    return json_response(request, document)


def _note(snippet: Snippet, item: _Found) -> str | None:
    """What a reader must know, and whether the address is one that exists."""
    notes = [snippet.note] if snippet.note else []
    if any(h.startswith("https://example.org/") and k not in item.hrefs for k, h in snippet.hrefs.items()):
        notes.append("The address is a placeholder: the record states no file, and no Item of the product is loaded.")
    return " ".join(notes) or None


def _wants_text(request: Request) -> bool:
    """Whether text/plain is asked for by name, before JSON."""
    names = [part.split(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")]
    return "text/plain" in names and "application/json" not in names[: names.index("text/plain")]


def _as_text(recipe: Mapping[str, Any]) -> str:
    """The code below a comment that says what it needs."""
    mark = "--" if recipe["language"] == "sql" else "#"
    lines = [recipe["title"], f"Needs {', '.join(recipe['libraries'])}.", *([recipe["note"]] if recipe["note"] else [])]
    return "\n".join(f"{mark} {line}" for line in lines) + f"\n\n{recipe['code']}"


async def _item(request: Request, collection: str, identity: str | None) -> _Found:
    """The Item that is asked for; without an id any of the product, where there is one.

    Raises:
        BadRequestError: the product has no such Item, or an href of it cannot stand in code.
    """
    parts = services(request)
    if identity is not None:
        await require_collection(parts.state, collection)
    ids = None if identity is None else (identity,)
    page = await parts.searcher.page(SearchRequest(collections=(collection,), ids=ids, limit=1), stac_url(request))
    if not page.items:
        if identity is None:
            return _Found()
        message = f"there is no Item {identity[:100]!r} of {collection}"
        raise BadRequestError(message, parameter="item")
    item = page.items[0]
    hrefs = {key: str(asset["href"]) for key, asset in (item.get("assets") or {}).items()}
    bad = [h for h in hrefs.values() if set(h) & set("\"'\\\n\r`$ ")]
    if bad:
        if identity is None:
            return _Found()
        message = f"an asset has an href that cannot stand in code: {bad[0][:100]!r}"
        raise BadRequestError(message, parameter="item")
    return _Found(str(item["id"]), hrefs, _centre(item.get("bbox")))


def _centre(bbox: object) -> tuple[float, float] | None:
    """The middle of a box; None for one that crosses the antimeridian, or is none."""
    box = flat(bbox)
    if box is None or box[0] > box[2]:
        return None
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
