"""Assets of a Collection: what each Item holds, stores that are one object, and where they are kept."""

import re
from typing import Any
from urllib.parse import urlsplit

from atlas.records.delivery import delivery
from atlas.records.distributions import MEDIA_TYPES, Distribution
from atlas.records.product import Product

__all__ = ["assets", "item_assets", "storage_schemes"]

_STORES = {"zarr", "icechunk"}
_SERVICES = {"earth-engine", "api", "bigquery"}
_CODE = {"weights", "code"}
_TABLES = {"parquet", "geoparquet", "csv"}
_AWS_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
"""S3-compatible stores of others may use capitals; without their endpoint the scheme cannot be named."""
_INDEX_TYPES = {
    ".parquet": MEDIA_TYPES["parquet"],
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".json": "application/json",
}


def item_assets(product: Product) -> dict[str, Any]:
    """What every Item of the product holds: `embeddings`, and the files that belong to it.

    Empty for encoders of locations, which store no vectors, and for recipes and products without files.
    """
    place = _files(product)
    if delivery(product) == "on_demand" or place is None:
        return {}
    found: dict[str, Any] = {"embeddings": _vectors(product, place)}
    for asset in product.item_assets:
        fields = {
            "title": asset.title,
            "description": asset.description,
            "type": asset.media_type,
            "roles": asset.roles,
        }
        found[asset.key] = _drop_none(fields | {"storage:refs": _refs(place)})
    return found


def assets(product: Product) -> dict[str, Any]:
    """Assets of the Collection itself: stores and single files that hold the whole product, and its index."""
    found: dict[str, Any] = {}
    for place in product.distributions:
        if place.retired or place.href is None or delivery(product) == "on_demand":
            continue
        single = product.index is not None and product.index.kind == "single-file"
        if place.format in _STORES or (single and place.format not in {None, *_SERVICES}):
            found[place.id] = {**_vectors(product, place), "href": place.href, "title": place.title}
    index = product.index
    if (
        index is not None
        and index.url is not None
        and index.kind in {"parquet-index", "text-registry"}
        and "{" not in index.url
    ):
        found["index"] = _drop_none(
            {
                "href": index.url,
                "title": "The producer's index",
                "type": next((t for end, t in _INDEX_TYPES.items() if urlsplit(index.url).path.endswith(end)), None),
                "roles": ["metadata", "index"],
                "table:columns": _columns(index.columns),
            }
        )
    return found


def storage_schemes(product: Product) -> dict[str, Any]:
    """The storage extension's schemes, by distribution, for those that are object stores."""
    return _drop_none({place.id: _scheme(place) for place in product.distributions if not place.retired})


def _files(product: Product) -> Distribution | None:
    """The distribution whose files become Items: the first one in use that offers files."""
    live = [place for place in product.distributions if not place.retired]
    if product.index is not None and product.index.kind in {"zarr-store", "icechunk-store"}:
        live.sort(key=lambda place: place.format not in _STORES)
        return live[0] if live and live[0].format in _STORES else None
    files = (place for place in live if place.format is not None and place.format not in _STORES | _SERVICES | _CODE)
    return next(files, None) or next((place for place in live if place.format in _STORES), None)


def _vectors(product: Product, place: Distribution) -> dict[str, Any]:
    """The fields that describe stored vectors at one place."""
    embedding = product.embedding
    quantization = dict(place.quantization or embedding.quantization or {})
    layout = dict(place.layout or embedding.layout or {}) or None
    if layout and layout.get("georeference_asset") not in {None, *(asset.key for asset in product.item_assets)}:
        del layout["georeference_asset"]
    core = {"data_type": quantization.pop("stored_data_type", None), "nodata": quantization.pop("nodata", None)}
    fields: dict[str, Any] = {
        "title": "Embeddings",
        "type": place.type(),
        "roles": ["data", "embedding"],
        "emb:quantization": quantization or None,
        "emb:layout": layout,
        **core,
        "storage:refs": _refs(place),
    }
    if embedding.gsd is not None:
        fields["gsd"] = embedding.gsd
    crs = place.crs or (product.extent.crs if product.extent else None) or []
    if len(crs) == 1 and crs[0].startswith("EPSG:"):
        fields["proj:code"] = crs[0]
    if layout and layout["kind"] == "bands" and embedding.band_names and embedding.dimensions:
        fields["bands"] = [{"name": embedding.band_names.format(i)} for i in range(embedding.dimensions)]
    if place.format in _TABLES:
        fields["table:columns"] = _columns(place.columns)
    return _drop_none(fields)


def _columns(columns: dict[str, str]) -> list[dict[str, str]] | None:
    return [{"name": name, "description": text} for name, text in columns.items()] or None


def _refs(place: Distribution) -> list[str] | None:
    return [place.id] if _scheme(place) else None


def _scheme(place: Distribution) -> dict[str, Any] | None:
    """How the storage extension names an object store; None for other places.

    The extension knows S3, S3-compatible and Azure stores; Google Cloud Storage has an S3-compatible endpoint.
    """
    address = place.url_template or place.href or place.example_url or ""
    bucket = urlsplit(address.partition("{")[0]).netloc
    if address.startswith("s3://") and place.endpoint_url is None and _AWS_BUCKET.match(bucket):
        scheme = {"type": "aws-s3", "platform": "https://{bucket}.s3.{region}.amazonaws.com", "bucket": bucket}
    elif place.endpoint_url is not None:
        scheme = {"type": "custom-s3", "platform": place.endpoint_url}
    elif address.startswith("gs://"):
        scheme = {"type": "custom-s3", "platform": "https://storage.googleapis.com", "bucket": bucket}
    else:
        return None
    return _drop_none({**scheme, "region": place.region, "requester_pays": place.requester_pays})


def _drop_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
