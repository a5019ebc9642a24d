"""Ask the addresses of records whether they answer: a HEAD each, politely, on the hosts that the records name."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from atlas.fetch.address import http_url
from atlas.fetch.client import Fetcher
from atlas.fetch.faults import AddressRefused, FetchError, HttpStatus, Missing, TooLarge, UrlRefused
from atlas.fetch.guard import check_url
from atlas.fetch.policy import policy_for
from atlas.links.checks import Link, LinkCheck, links_of
from atlas.moments import rfc3339, this_second
from atlas.records import Product
from atlas.records.distributions import Distribution
from atlas.settings import Settings

__all__ = ["ask", "ask_all"]

_NO_HEAD = {400, 403, 405, 501}
"""Status codes of hosts that may refuse only the method: the first byte is requested before they are believed."""
_LOGIN = {401, 402, 403, 407}
_THREADS = 8
_STORES = {"icechunk", "zarr"}
_ONE_FILE = {"parquet-index", "single-file", "text-registry"}
"""Kinds of index that may be one file; where the address has no suffix, it is a folder of them."""
_ONE_REQUEST = {"hugging-face", "stac-api"}


def ask_all(
    products: Sequence[Product],
    settings: Settings,
    *,
    before: Iterable[LinkCheck] = (),
    progress: Callable[[LinkCheck], None] = lambda _: None,
) -> list[LinkCheck]:
    """Ask every address of some products.

    Args:
        products: whose addresses are asked.
        settings: contact address, and whether private addresses may be asked.
        before: earlier results: when an address was last seen to answer is kept from them.
        progress: called with each result as it comes, in this thread.

    Returns:
        A result for each address, in the order of the records.
    """
    links = links_of(products)
    of = {product.id: product for product in products}
    urls = {link: _url(link, of[link.product]) for link in links}
    folders = {link for link in links if _is_folder(link, of[link.product])}
    hosts = sorted({urlsplit(url).netloc.lower() for url in urls.values() if url})
    policy = replace(policy_for(hosts, settings), attempts=2, concurrency=2, rate=4.0, total_timeout=60.0)
    answered = {c.link: c.answered for c in before}
    found: dict[Link, LinkCheck] = {}
    with Fetcher(policy) as fetcher, ThreadPoolExecutor(_THREADS) as pool:
        by_url: dict[str, list[Link]] = {}
        for link, url in urls.items():
            by_url.setdefault("" if link in folders else url, []).append(link)
        # An address that several products share is asked once.
        waiting = {pool.submit(ask, url, fetcher): url for url in by_url if url}
        try:
            for future in as_completed(waiting):
                outcome, status, detail = future.result()
                now = rfc3339(this_second())
                for link in by_url[waiting[future]]:
                    seen = now if outcome == "answers" else answered.get(link, "")
                    asked = "" if outcome == "not-checked" else now
                    check = LinkCheck(
                        **asdict(link), outcome=outcome, checked=asked, status=status, detail=detail, answered=seen
                    )
                    found[link] = check
                    progress(check)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for link in by_url.get("", ()):
        detail = "a folder or store: one request cannot tell" if link in folders else "no https address is known"
        found[link] = LinkCheck(**asdict(link), outcome="not-checked", detail=detail, answered=answered.get(link, ""))
    return [found[link] for link in links]


def ask(url: str, fetcher: Fetcher) -> tuple[str, int | None, str]:
    """Ask one address.

    Returns:
        Outcome, status of the answer where there was one, and what went wrong.
    """
    try:
        check_url(url, fetcher.policy)
    except UrlRefused as error:
        return "not-checked", None, _reason(error, url)
    try:
        try:
            fetcher.head(url)
        except HttpStatus as error:
            if error.status not in _NO_HEAD:
                raise
            fetcher.get(url, headers={"Range": "bytes=0-0"}, expect=(200, 206), max_bytes=1024)
    except TooLarge:
        return "answers", 200, ""  # the host sends the whole, which was not read
    except Missing as error:
        return "missing", error.status, ""
    except HttpStatus as error:
        return ("asks-for-login" if error.status in _LOGIN else "fails"), error.status, ""
    except AddressRefused as error:
        return "not-checked", None, _reason(error, url)
    except UrlRefused as error:
        # The address itself was permitted: it is a redirect that leads to a host that no record names.
        return "redirects", None, _reason(error, url)
    except FetchError as error:
        return "fails", None, _reason(error, url)
    return "answers", 200, ""


def _reason(error: FetchError, url: str) -> str:
    """The message without the address shown beside it and without the list of all hosts."""
    return str(error).removeprefix(f"{url}: ").partition(" (it names:")[0][:300]


def _place(link: Link, product: Product) -> Distribution | None:
    return next((d for d in product.distributions if d.id == link.place), None)


def _is_folder(link: Link, product: Product) -> bool:
    """Whether the address is a folder or a store of many objects: only listing it, or opening it, says anything."""
    parts = urlsplit(link.href)
    if link.kind == "file":
        return False
    if link.kind == "index":
        kind = product.index.kind if product.index else ""
        return kind not in _ONE_REQUEST and not (kind in _ONE_FILE and PurePosixPath(parts.path).suffix)
    place = _place(link, product)
    return parts.scheme in {"s3", "gs"} or bool(place and place.format in _STORES and parts.hostname == place.host)


def _url(link: Link, product: Product) -> str:
    """The https URL of an address, or empty."""
    place = _place(link, product)
    endpoint = (place.endpoint_url or place.region) if place else None
    try:
        bucket = urlsplit(link.href).netloc
        return http_url(link.href, [d.host for d in product.distributions], {bucket: endpoint} if endpoint else None)
    except (UrlRefused, ValueError):
        return ""
