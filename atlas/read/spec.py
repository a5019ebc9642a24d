"""What the metadata say of one asset: everything that is needed to open it and to restore its vectors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from atlas.errors import RestoreError
from atlas.extension.models import Footprint, Layout, Quantization
from atlas.read.restore import quantization_of

__all__ = ["AssetSpec", "asset_spec"]

Json = Mapping[str, Any]
Checked = TypeVar("Checked", bound=BaseModel)
DATA_ROLES = {"data", "embeddings", "embedding"}


@dataclass(frozen=True, slots=True)
class AssetSpec:
    """One asset of vectors.

    Attributes:
        key: of the asset.
        href: where it is.
        media_type: as stated; None where it is not.
        space: `emb:space`, None where it is not stated: then nothing may be compared with its vectors.
        dimensions: length of a restored vector.
        quantization: how stored numbers become the vector.
        layout: where the vector lies in the file; None where it is not stated.
        normalization: `unit`, `none`, or None where it is not stated.
        crs: `proj:code`.
        transform: `proj:transform`, six numbers.
        siblings: href of every other asset of the item, by key.
        year: of the item's time, where it has one.
        group: `zarr:group`, the group of a store that holds several.
        footprint: `emb:footprint`, where it is stated.
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
    siblings: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None
    group: str | None = None
    footprint: Footprint | None = None


def asset_spec(item: Json, key: str | None = None, collection: Json | None = None) -> AssetSpec:
    """Gather what Asset, Item, Item Asset Definition and Collection say of one asset; the nearer one wins.

    Args:
        item: a STAC Item, or a Collection whose own assets hold the vectors.
        key: of the asset; by default the only one that holds data.
        collection: the Item's Collection.

    Raises:
        RestoreError: a field that is needed is not stated; the message names it.
    """
    assets = item.get("assets") or {}
    chosen = key if key is not None else _only(assets, str(item.get("id")))
    if chosen not in assets:
        msg = f"'{item.get('id')}' has no asset '{chosen}'; it has {', '.join(sorted(assets)) or 'none'}"
        raise RestoreError(msg)
    asset = assets[chosen]
    parent = collection or {}
    layers: list[Json] = [asset, item.get("properties") or {}, (parent.get("item_assets") or {}).get(chosen) or {}]
    layers += [item, parent] if item.get("type") == "Collection" else [parent]

    def stated(name: str) -> Any:  # noqa: ANN401 - JSON is anything; each field is checked below
        return next((layer[name] for layer in layers if layer.get(name) is not None), None)

    where = f"asset '{chosen}' of '{item.get('id')}'"
    quantization, dimensions, layout = stated("emb:quantization"), stated("emb:dimensions"), stated("emb:layout")
    if quantization is None:
        msg = f"{where}: 'emb:quantization' is not stated, so how its numbers become vectors is not known"
        raise RestoreError(msg)
    if not isinstance(dimensions, int) or isinstance(dimensions, bool) or dimensions < 1:
        msg = f"{where}: 'emb:dimensions' is not stated or no whole number: {dimensions!r}"
        raise RestoreError(msg)
    if not isinstance(asset.get("href"), str):
        msg = f"{where}: it has no href"
        raise RestoreError(msg)
    transform = stated("proj:transform")
    return AssetSpec(
        key=chosen,
        href=asset["href"],
        media_type=asset.get("type") or layers[2].get("type"),
        space=stated("emb:space"),
        dimensions=dimensions,
        quantization=quantization_of(quantization),
        layout=_checked(Layout, layout, "emb:layout", where),
        normalization=stated("emb:normalization"),
        crs=stated("proj:code"),
        transform=tuple(float(v) for v in transform[:6]) if transform else None,
        siblings={k: v["href"] for k, v in assets.items() if k != chosen and isinstance(v.get("href"), str)},
        year=_year(item),
        group=stated("zarr:group"),
        footprint=_checked(Footprint, stated("emb:footprint"), "emb:footprint", where),
    )


def _only(assets: Json, name: str) -> str:
    found = [k for k, v in assets.items() if DATA_ROLES & set(v.get("roles") or ())]
    for preferred in ("embeddings", "embedding", "cog", "data"):
        if preferred in found:
            return preferred
    if len(found) == 1:
        return found[0]
    msg = f"'{name}': which asset holds the vectors? {', '.join(found) or 'none'} with role 'data': name one"
    raise RestoreError(msg)


def _checked(model: type[Checked], value: object, name: str, where: str) -> Checked | None:
    if value is None:
        return None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        msg = f"{where}: '{name}' cannot be followed: {error.errors()[0]['msg']}"
        raise RestoreError(msg) from None


def _year(item: Json) -> int | None:
    properties = item.get("properties") or {}
    text = properties.get("datetime") or properties.get("start_datetime")
    return int(text[:4]) if isinstance(text, str) and text[:4].isdigit() else None
