"""`/atlas/products/{id}/recipe`: tested code that opens one asset of a product."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from atlas.answers.recipes import names_of_code, recipes
from atlas.api.collections import require_collection
from atlas.api.context import parameters, services, stac_url
from atlas.api.errors import BadRequestError, NotFoundError
from atlas.api.responses import json_response, tagged
from atlas.api.search.requests import SearchRequest
from atlas.errors import QuestionError
from atlas.records.names import no_product
from stac_emb.boxes import flat

__all__ = ["get_recipe"]

_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class _Found:
    """The Item whose assets the code opens."""

    id: str | None = None
    hrefs: Mapping[str, str] = field(default_factory=dict)
    place: tuple[float, float] | None = None


async def get_recipe(request: Request) -> Response:
    """GET /atlas/products/{product_id}/recipe: JSON, or the code alone where `Accept` names text/plain first."""
    parts, values = services(request), parameters(request)
    identity, asked = request.path_params["product_id"], values.get("lang")
    product = parts.catalog.products.get(identity)
    if product is None:
        raise NotFoundError(no_product(parts.catalog.products, identity))
    known = names_of_code()
    if asked is not None and asked not in known:
        raise BadRequestError(f"{asked[:40]!r} is none of {', '.join(known)}", parameter="lang")
    item = await _item(request, identity, values.get("item"))
    try:
        found = recipes(product, asked, hrefs=item.hrefs, place=item.place)
    except QuestionError as error:
        raise NotFoundError(str(error)) from None
    if _wants_text(request):
        return tagged(request, "\n\n".join(one.as_text() for one in found).encode(), _TEXT)
    entries = [one.as_json() for one in found]
    document = {"product": product.id, "title": product.title, "item": item.id, "recipes": entries}
    return json_response(request, document)


def _wants_text(request: Request) -> bool:
    """Whether text/plain is asked for by name, before JSON."""
    names = [part.split(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")]
    return "text/plain" in names and "application/json" not in names[: names.index("text/plain")]


async def _item(request: Request, collection: str, identity: str | None) -> _Found:
    """The Item that is asked for; without an id any of the product, where there is one.

    Raises:
        BadRequestError: the product has no such Item, or one of its hrefs cannot be written into code.
    """
    parts = services(request)
    if identity is not None:
        await require_collection(parts.state, collection)
    ids = None if identity is None else (identity,)
    page = await parts.searcher.page(SearchRequest(collections=(collection,), ids=ids, limit=1), stac_url(request))
    if not page.items:
        if identity is None:
            return _Found()
        raise BadRequestError(f"there is no Item {identity[:100]!r} of {collection}", parameter="item")
    item = page.items[0]
    hrefs = {key: str(asset["href"]) for key, asset in (item.get("assets") or {}).items()}
    bad = [h for h in hrefs.values() if set(h) & set("\"'\\\n\r`$ ")]
    if bad:
        if identity is None:
            return _Found()
        raise BadRequestError(
            f"an asset has an href that cannot be written into code: {bad[0][:100]!r}", parameter="item"
        )
    return _Found(str(item["id"]), hrefs, _centre(item.get("bbox")))


def _centre(bbox: object) -> tuple[float, float] | None:
    """The centre of a box; None where it is not a box, or crosses the antimeridian."""
    box = flat(bbox)
    if box is None or box[0] > box[2]:
        return None
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
