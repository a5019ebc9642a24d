"""Fetch the schemas of extensions into the cache of this machine."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from atlas.errors import AtlasError
from atlas.fetch.client import fetcher_for
from atlas.fetch.policy import policy_for
from atlas.settings import Settings
from stac_emb.registry import normalise, vendored
from stac_emb.schema_cache import CachedSchema, SchemaCache, references, schema_of

__all__ = ["Fetched", "fetch_schemas"]

_MAX_BYTES = 4 * 2**20
"""The largest published schema of an extension has 50 KB."""
_METASCHEMAS = "json-schema.org"
"""Every validator has these."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The outcome for one identifier."""

    uri: str
    outcome: str
    """`vendored`, `cached` (was there before), `fetched`, `changed` (fetched again, and another one) or `failed`."""
    sha256: str | None = None
    detail: str = ""


def fetch_schemas(
    uris: Iterable[str], cache: SchemaCache, settings: Settings, *, again: bool = False
) -> Iterator[Fetched]:
    """Fetch what is not at hand, or all of it `again`, and the schemas that it refers to."""
    waiting = deque(dict.fromkeys(map(normalise, uris)))
    seen = set(waiting)
    while waiting:
        uri = waiting.popleft()
        if vendored(uri):
            yield Fetched(uri, "vendored")
            continue
        try:
            before = cache.entries().get(uri)
            entry = before
            if entry is None or again:
                fetcher = fetcher_for(policy_for([urlsplit(uri).netloc], settings))
                entry = cache.put(uri, fetcher.get(uri, max_bytes=_MAX_BYTES).content)
            schema = schema_of(uri, cache.read(entry))
        except AtlasError as error:
            yield Fetched(uri, "failed", detail=str(error).removeprefix(f"{uri}: "))
            continue
        yield Fetched(uri, _outcome(before, entry), entry.sha256)
        for reference in references(uri, schema):
            if reference not in seen and _METASCHEMAS not in urlsplit(reference).netloc:
                seen.add(reference)
                waiting.append(reference)


def _outcome(before: CachedSchema | None, entry: CachedSchema) -> str:
    if before is entry:
        return "cached"
    return "changed" if before is not None and before.sha256 != entry.sha256 else "fetched"
