"""`/atlas/products/{id}/recipe`: tested code that opens one asset of a product; and the feed of changes."""

from typing import get_args

from starlette.requests import Request
from starlette.responses import Response

from atlas.api.collections import require_collection
from atlas.api.errors import BadRequestError, NotFoundError
from atlas.api.requests import SearchRequest, read_parameters
from atlas.api.responses import json_response, tagged
from atlas.api.services import services, stac_url
from atlas.records.snippets import Snippet, load_snippets, snippets_for

__all__ = ["get_feed", "get_recipe"]

_LANGUAGES = get_args(Snippet.model_fields["language"].annotation)


async def get_recipe(request: Request) -> Response:
    """GET /atlas/products/{product_id}/recipe."""
    parts = services(request)
    values = read_parameters(request.scope["query_string"], frozenset({"item", "lang"}))
    identity, language = request.path_params["product_id"], values.get("lang")
    product = parts.catalog.products.get(identity)
    if product is None:
        message = f"there is no product {identity[:60]!r}"
        raise NotFoundError(message)
    if language is not None and language not in _LANGUAGES:
        message = f"{language[:40]!r} is none of {', '.join(_LANGUAGES)}"
        raise BadRequestError(message, parameter="lang")
    hrefs = await _hrefs(request, identity, values["item"]) if "item" in values else {}
    found = [s for s in snippets_for(product, load_snippets()) if language in (None, s.language)]
    if not found:
        message = f"there is no recipe {f'in {language} ' if language else ''}for {identity!r} yet"
        raise NotFoundError(message)
    recipes = [
        {
            "id": s.id,
            "title": s.title,
            "language": s.language,
            "libraries": s.libraries,
            "distribution": s.distribution,
            "code": s.render({k: v for k, v in hrefs.items() if k in s.hrefs}),
        }
        for s in found
    ]
    document = {"product": product.id, "title": product.title, "item": values.get("item"), "recipes": recipes}
    return json_response(request, document, lasting=True)


async def _hrefs(request: Request, collection: str, item: str) -> dict[str, str]:
    """Hrefs of an Item's assets.

    Raises:
        BadRequestError: the product has no such Item.
    """
    parts = services(request)
    await require_collection(parts.state, collection)
    search = SearchRequest(collections=(collection,), ids=(item,), limit=1)
    page = await parts.searcher.page(search, stac_url(request))
    if not page.items:
        message = f"there is no Item {item[:100]!r} of {collection}"
        raise BadRequestError(message, parameter="item")
    hrefs = {key: str(asset["href"]) for key, asset in (page.items[0].get("assets") or {}).items()}
    bad = [h for h in hrefs.values() if set(h) & set("\"'\\\n\r`$ ")]
    if bad:
        message = f"an asset has an href that cannot stand in code: {bad[0][:100]!r}"
        raise BadRequestError(message, parameter="item")
    return hrefs


async def get_feed(request: Request) -> Response:
    """GET /atlas/feed.atom: the feed that the site was built with, so that both say the same."""
    read_parameters(request.scope["query_string"], frozenset())
    site = services(request).site_dir
    path = site / "changes.atom" if site else None
    if path is None or not path.is_file():
        message = "this server has no built site, which is where the feed of changes is made: run 'atlas site'"
        raise NotFoundError(message)
    return tagged(request, path.read_bytes(), "application/atom+xml", lasting=True)
