"""What the metadata say about one asset: all that is needed to open it and to dequantise its vectors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from atlas.errors import RestoreError, naming
from atlas.fetch.access import local_path
from atlas.fetch.address import SOURCE_COOP_BUCKET, bucket_and_key, http_url, is_remote, joined
from atlas.fetch.faults import UrlRefused
from atlas.fetch.payer import Payer, payer_of, placed
from atlas.formats.pixels import numbers_of
from atlas.moments import from_rfc3339
from atlas.read.nodata import Sentinels, stac_nodata
from atlas.read.restore import quantization_of
from atlas.read.scaling import band_scaling, refuse_scaling
from atlas.sources.stac.links import self_link
from stac_emb.boxes import Box, flat
from stac_emb.inputs.hrefs import local_target
from stac_emb.models import Footprint, Layout, Quantization

__all__ = ["AssetSpec", "asset_spec", "box_of"]

Json = Mapping[str, Any]
Checked = TypeVar("Checked", bound=BaseModel)
MOST_DIMENSIONS = 65_536
"""No vector is longer: memory is allocated before a file is read."""
DATA_ROLES = {"data", "embeddings", "embedding"}


@dataclass(frozen=True, slots=True)
class AssetSpec:
    """One asset of vectors.

    Attributes:
        key: of the asset.
        href: its address or path.
        media_type: None where it is not stated.
        space: `emb:space`; None where it is not stated, and then its vectors may not be compared with any.
        dimensions: length of a dequantised vector.
        quantization: how stored numbers become the vector.
        layout: where the vector lies in the file; None where it is not stated.
        normalization: `unit`, `none`, or None where it is not stated.
        crs: `proj:code`.
        transform: `proj:transform`, six numbers.
        shape: `proj:shape`, rows and columns.
        extent: `proj:bbox` as west, south, east, north in the units of the CRS.
        siblings: href of every other asset of the item, by key.
        year: of the item's time, where it has one.
        ground: height and width in metres of the ground of one vector, where it is stated in metres.
        nodata: `nodata` of the asset and of its bands, besides that of the quantization.
        payer: who is charged for reads; None where the user does not pay (`storage:requester_pays`).
    """

    key: str
    href: str
    media_type: str | None
    space: str | None
    dimensions: int
    quantization: Quantization
    layout: Layout | None = None
    normalization: str | None = None
    crs: str | None = None
    transform: tuple[float, ...] | None = None
    shape: tuple[float, ...] | None = None
    extent: tuple[float, ...] | None = None
    siblings: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None
    ground: tuple[float, float] | None = None
    nodata: Sentinels = ()
    payer: Payer | None = None

    def sibling(self, key: str, what: str) -> str:
        """Address of another asset that the metadata name.

        Args:
            key: of the asset.
            what: its content with a verb, for the message: "mask is".

        Raises:
            RestoreError: the Item has no such asset.
        """
        if key not in self.siblings:
            raise RestoreError(
                f"asset '{self.key}': its {what} said to be the asset '{key}', which the item does not have"
            )
        return self.siblings[key]

    @property
    def holds_references(self) -> bool:
        """Whether it is a file of references to chunks in other files (kerchunk, VirtualiZarr)."""
        ending = self.href.partition("?")[0].rstrip("/").rpartition(".")[2]
        kind = self.media_type or ""
        array = self.layout is not None and self.layout.kind == "array"
        return "kerchunk" in kind or (
            array and (ending == "json" or ("zarr" in kind and ending in {"parq", "parquet"}))
        )


def asset_spec(item: Json, key: str | None = None, collection: Json | None = None) -> AssetSpec:
    """Gather what Asset, Item, Item Asset Definition and Collection say about one asset; the first of these wins.

    Args:
        item: a STAC Item, or a Collection whose own assets hold the vectors.
        key: of the asset; by default the only one that holds data.
        collection: the Item's Collection.

    Raises:
        RestoreError: a field that is needed is not stated; the message names it.
    """
    assets = {name: _object(asset) for name, asset in _object(item.get("assets")).items()}
    chosen = key if key is not None else _only(assets, str(item.get("id")))
    if chosen not in assets:
        raise RestoreError(f"'{item.get('id')}' has no asset '{chosen}'; it has {', '.join(sorted(assets)) or 'none'}")
    asset = assets[chosen]
    parent = collection or {}
    of_items = _object(_object(parent.get("item_assets")).get(chosen))
    layers: list[Json] = [asset, _object(item.get("properties")), of_items]
    layers += [item, parent] if item.get("type") == "Collection" else [parent]

    def stated(name: str) -> Any:  # noqa: ANN401 - JSON is anything; each field is checked below
        return next((layer[name] for layer in layers if layer.get(name) is not None), None)

    where = f"asset '{chosen}' of '{item.get('id')}'"
    quantization, dimensions, layout = stated("emb:quantization"), stated("emb:dimensions"), stated("emb:layout")
    if quantization is None:
        raise RestoreError(f"{where}: 'emb:quantization' is not stated, so its numbers cannot be turned into vectors")
    if not isinstance(dimensions, int) or isinstance(dimensions, bool) or not 1 <= dimensions <= MOST_DIMENSIONS:
        msg = f"{where}: 'emb:dimensions' must be a whole number from 1 to {MOST_DIMENSIONS}, not {dimensions!r}"
        raise RestoreError(msg)
    if not isinstance(asset.get("href"), str):
        raise RestoreError(f"{where}: it has no href")

    def text(name: str) -> str | None:
        value = stated(name)
        if value is not None and not isinstance(value, str):
            raise RestoreError(f"{where}: '{name}' is not text: {value!r:.80}")
        return value

    def numbers(name: str, *counts: int) -> tuple[float, ...] | None:
        value = stated(name)
        return numbers_of(value, counts, f"{where}: '{name}'") if value else None

    box = numbers("proj:bbox", 4, 6)
    served, account = _served(asset["href"], asset, item)
    with naming(where):
        nodata = stac_nodata(stated("nodata"), stated("bands"), stated("raster:bands"))
    rule = _stored_as(quantization_of(quantization), stated("data_type"))
    refuse_scaling(rule, where, *band_scaling(asset, stated("bands"), stated("raster:bands")))
    return AssetSpec(
        key=chosen,
        href=(href := _resolved(served, item, where)),
        media_type=next((t for t in (asset.get("type"), of_items.get("type")) if isinstance(t, str) and t), None),
        space=text("emb:space"),
        dimensions=dimensions,
        quantization=rule,
        layout=_checked(Layout, layout, "emb:layout", where),
        normalization=text("emb:normalization"),
        crs=text("proj:code"),
        transform=six[:6] if (six := numbers("proj:transform", 6, 9)) else None,
        shape=numbers("proj:shape", 2),
        extent=(*box[:2], *box[len(box) // 2 :][:2]) if box else None,
        siblings={
            k: _resolved(_served(v["href"], v, item)[0], item, where)
            for k, v in assets.items()
            if k != chosen and isinstance(v.get("href"), str)
        },
        year=_year(item),
        ground=_ground(stated("emb:ground_size"), _checked(Footprint, stated("emb:footprint"), "emb:footprint", where)),
        nodata=nodata,
        payer=_payer(asset, item, href) or account,
    )


def _stored_as(quantization: Quantization, data_type: object) -> Quantization:
    """With the stored type from the core field `data_type` where the quantization states none."""
    if not isinstance(data_type, str) or quantization.stored_data_type is not None:
        return quantization
    return quantization.model_copy(update={"stored_data_type": data_type})


def _ground(size: object, footprint: Footprint | None) -> tuple[float, float] | None:
    if isinstance(size, int | float) and size > 0:
        return float(size), float(size)
    if footprint is None or footprint.size is None or footprint.unit != "m":
        return None
    height, width = footprint.size
    return height, width


def _object(value: object) -> Json:
    """A JSON object; anything else counts as empty."""
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _only(assets: Json, name: str) -> str:
    found = [k for k, v in assets.items() if any(role in DATA_ROLES for role in _texts(v.get("roles")))]
    for preferred in ("embeddings", "embedding", "cog", "data"):
        if preferred in found:
            return preferred
    if len(found) == 1:
        return found[0]
    msg = f"'{name}': which asset holds the vectors? {', '.join(found) or 'none'} with role 'data': name one"
    raise RestoreError(msg)


def _checked(model: type[Checked], value: object, name: str, where: str) -> Checked | None:
    try:
        return None if value is None else model.model_validate(value)
    except ValidationError as error:
        raise RestoreError(f"{where}: '{name}' cannot be followed: {error.errors()[0]['msg']}") from None


def box_of(item: Json) -> Box | None:
    """West, south, east and north of an Item; None where its bbox is missing or invalid."""
    return flat(item.get("bbox"))


def _year(item: Json) -> int | None:
    properties = _object(item.get("properties"))
    text = properties.get("datetime") or properties.get("start_datetime")
    moment = from_rfc3339(text) if isinstance(text, str) else None
    return moment.year if moment is not None else None


def _served(href: str, asset: Json, item: Json) -> tuple[str, Payer | None]:
    """The href; for `s3://` or `gs://` with an endpoint in the Item or environment, its http(s) address and account."""
    if not href.lower().startswith(("s3://", "gs://")):
        return href, None
    bucket, _ = bucket_and_key(href)
    for scheme in _schemes(asset, item):
        platform, region = scheme.get("platform"), scheme.get("region")
        if scheme.get("bucket", bucket) != bucket or not isinstance(platform, str):
            continue
        # A custom endpoint, and neither AWS's template nor the name of a company (version 1).
        own = "://" in platform and "{" not in platform and "amazonaws.com" not in platform
        endpoint = platform if own else region
        if isinstance(endpoint, str):
            return http_url(href, endpoints={bucket: endpoint}), None
    return (None if bucket == SOURCE_COOP_BUCKET else placed(href)) or (href, None)


def _schemes(asset: Json, item: Json) -> list[Json]:
    """The storage extension's schemes of an asset; the fields of its version 1 count as one scheme."""
    properties = _object(item.get("properties"))
    schemes = _object(properties.get("storage:schemes"))
    found = [_object(schemes.get(name)) for name in _texts(asset.get("storage:refs"))]
    names = ("platform", "region", "requester_pays")
    old = {name: asset.get(f"storage:{name}", properties.get(f"storage:{name}")) for name in names}
    stated = {name: value for name, value in old.items() if value is not None}
    return [*found, stated] if stated else found


def _payer(asset: Json, item: Json, href: str) -> Payer | None:
    """Who is charged for reads of an asset; None where the user does not pay."""
    paid = [scheme for scheme in _schemes(asset, item) if scheme.get("requester_pays") is True]
    if not paid or not is_remote(href):
        return None
    region = paid[0].get("region")
    return payer_of(asset["href"], href, region if isinstance(region, str) else None)


def _resolved(href: str, item: Json, where: str) -> str:
    """The address or path of an asset: an href may be relative to the Item's own link."""
    own = self_link(item)
    try:
        if is_remote(href):
            return href
        if is_remote(own):
            return joined(own, href)
        return str(local_target(local_path(own) if own else Path("item.json"), href))
    except (ValueError, UrlRefused) as error:
        raise RestoreError(f"{where}: its href {href[:200]!r} leads to no file: {error}") from None
