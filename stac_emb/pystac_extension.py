"""The extension for pystac: `EmbeddingExtension.ext(item)`, summaries, and the hooks that lift the community draft.

Installed under the entry point group `pystac.extensions`, where pystac finds it: documents of the draft v0.0.1 are
lifted when pystac reads them.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import pystac
from pystac.extensions.base import ExtensionManagementMixin, PropertiesExtension, SummariesExtension
from pystac.extensions.hooks import ExtensionHooks
from pystac.serialization.identify import STACJSONDescription, STACVersionID

from stac_emb.errors import ValidationFailed
from stac_emb.fields import BY_NAME
from stac_emb.identity import DRAFT_URI, PREFIX, SCHEMA_URI
from stac_emb.pystac_properties import EmbeddingProperties, EmbeddingSummaries

if TYPE_CHECKING:
    from stac_emb.document import EmbeddingDocument

__all__ = [
    "EMBEDDING_EXTENSION_HOOKS",
    "AssetEmbeddingExtension",
    "CollectionEmbeddingExtension",
    "EmbeddingExtension",
    "EmbeddingExtensionHooks",
    "ItemAssetsEmbeddingExtension",
    "ItemEmbeddingExtension",
    "SummariesEmbeddingExtension",
]

T = TypeVar("T", pystac.Collection, pystac.Item, pystac.Asset, pystac.ItemAssetDefinition)


def _plain(value: object) -> object:
    """JSON for a value that may hold models."""
    if hasattr(value, "model_dump"):  # a pydantic model; this test does not load pydantic
        return value.model_dump(mode="json", exclude_unset=True)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _parsed(name: str, value: object) -> Any:  # noqa: ANN401  # the type is the field's
    from stac_emb.document import parse_value  # loads pydantic, which readers of other fields do not need

    return parse_value(name, value)


def _no_field(name: str) -> str:
    from stac_emb.emb_names import meant_field  # reads the schemas, which nothing else here needs

    meant = meant_field(name)
    hint = f" (did you mean `{meant.removeprefix(PREFIX)}`?)" if meant else ""
    return f"`{name}` is not a field of the extension{hint}"


class _FieldsOnly:
    """Refuses unknown attributes: a misspelt field would stay in Python and never reach the document."""

    _own = frozenset(
        ("additional_read_properties", "asset_defn", "asset_href", "collection", "item", "properties", "_document")
    )

    def __setattr__(self, name: str, value: object) -> None:
        """Set a field."""
        if name not in self._own and not hasattr(type(self), name):
            raise AttributeError(_no_field(PREFIX + name))
        super().__setattr__(name, value)


class EmbeddingExtension(
    _FieldsOnly,
    EmbeddingProperties,
    PropertiesExtension,
    ExtensionManagementMixin[pystac.Collection | pystac.Item],
    Generic[T],
):
    """The fields of a Collection, an Item, an Asset or an Item Asset Definition; made by `ext`.

    Objects are returned as the pydantic models of `stac_emb.models`; a model or a dict may be set, and is checked.
    """

    name = "emb"
    _scope = "collection"

    @classmethod
    def get_schema_uri(cls) -> str:
        """Identifier of the extension."""
        return SCHEMA_URI

    @classmethod
    def ensure_has_extension(cls, obj: pystac.Collection | pystac.Item, add_if_missing: bool = False) -> None:
        """Raise unless the object declares the extension, or declare it.

        pystac's own message names `obj.ext.add`, which knows the extensions inside pystac only.

        Raises:
            pystac.ExtensionNotImplemented: it does not declare it.
        """
        if add_if_missing:
            cls.add_to(obj)
        if cls.has_extension(obj):
            return
        if DRAFT_URI in (obj.stac_extensions or ()):
            how = "it declares the community draft: read it with `pystac.read_file` or `from_dict`, which lift it"
        else:
            how = "`EmbeddingExtension.ext(obj, add_if_missing=True)` or `EmbeddingExtension.add_to(obj)` declares it"
        raise pystac.ExtensionNotImplemented(f"{obj!r} does not list {SCHEMA_URI} in its `stac_extensions`: {how}")

    @classmethod
    def ext(cls, obj: T, add_if_missing: bool = False) -> "EmbeddingExtension[T]":
        """The extension on an object.

        Args:
            obj: a Collection, Item, Asset or Item Asset Definition.
            add_if_missing: declare the extension where the object (or its owner) does not.

        Raises:
            pystac.ExtensionNotImplemented: the object does not declare the extension.
            pystac.ExtensionTypeError: the extension does not describe such an object.
        """
        if isinstance(obj, pystac.Collection):
            cls.ensure_has_extension(obj, add_if_missing)
            return cast("EmbeddingExtension[T]", CollectionEmbeddingExtension(obj))
        if isinstance(obj, pystac.Item):
            cls.ensure_has_extension(obj, add_if_missing)
            return cast("EmbeddingExtension[T]", ItemEmbeddingExtension(obj))
        if isinstance(obj, pystac.Asset):
            cls.ensure_owner_has_extension(obj, add_if_missing)
            return cast("EmbeddingExtension[T]", AssetEmbeddingExtension(obj))
        if isinstance(obj, pystac.ItemAssetDefinition):
            cls.ensure_owner_has_extension(obj, add_if_missing)
            return cast("EmbeddingExtension[T]", ItemAssetsEmbeddingExtension(obj))
        raise pystac.ExtensionTypeError(cls._ext_error_message(obj))

    @classmethod
    def summaries(cls, obj: pystac.Collection, add_if_missing: bool = False) -> "SummariesEmbeddingExtension":
        """The extension's fields in the summaries of a Collection."""
        cls.ensure_has_extension(obj, add_if_missing)
        return SummariesEmbeddingExtension(obj)

    def apply(self, **fields: object) -> None:
        """Set several fields by their names without the prefix."""
        for name, value in fields.items():
            self._write(PREFIX + name, value)

    def _read(self, name: str) -> Any:  # noqa: ANN401  # as the base class
        if not isinstance(self.properties, dict):
            raise ValidationFailed(f"{self!r} must be an object, not {self.properties!r:.80}")
        value = self._get_property(name, object)
        return None if value is None else _parsed(name, value)

    def _write(self, name: str, value: object) -> None:
        if name not in BY_NAME:
            raise AttributeError(_no_field(name))
        if self._scope not in BY_NAME[name].scope:
            from stac_emb.emb_names import place_of

            raise AttributeError(f"`{name}` cannot stand on {self!r}: it belongs to {place_of(BY_NAME[name])}")
        plain = _plain(value)
        if plain is not None:
            _parsed(name, plain)
        self._set_property(name, plain)


class _OfDocument(EmbeddingExtension[T]):
    """The fields of a whole document."""

    _document: pystac.Collection | pystac.Item

    def check(self) -> "EmbeddingDocument":
        """Everything the document says about embeddings, checked against the extension's schema and models.

        Rules that compare values with each other are those of `Validator().validate(document.to_dict())`.

        Raises:
            ValidationFailed: a rule is broken.
        """
        from stac_emb.document import parse_document

        try:
            document = self._document.to_dict(include_self_link=False, transform_hrefs=False)
        except (AttributeError, TypeError, ValueError) as error:
            raise ValidationFailed(f"{self._document.id}: pystac cannot write it: {error}") from error
        return parse_document(document)


class CollectionEmbeddingExtension(_OfDocument[pystac.Collection]):
    """The fields on a Collection."""

    def __init__(self, collection: pystac.Collection) -> None:
        self.collection = self._document = collection
        self.properties = collection.extra_fields

    def __repr__(self) -> str:
        return f"<CollectionEmbeddingExtension Collection id={self.collection.id}>"


class ItemEmbeddingExtension(_OfDocument[pystac.Item]):
    """The fields in the properties of an Item."""

    _scope = "item"

    def __init__(self, item: pystac.Item) -> None:
        self.item = self._document = item
        self.properties = item.properties

    def __repr__(self) -> str:
        return f"<ItemEmbeddingExtension Item id={self.item.id}>"


class AssetEmbeddingExtension(EmbeddingExtension[pystac.Asset]):
    """The fields of an Asset; what it does not state is read from the Item or Collection that owns it."""

    _scope = "asset"
    additional_read_properties: Iterable[dict[str, Any]] | None = None

    def __init__(self, asset: pystac.Asset) -> None:
        self.asset_href = asset.href
        self.properties = asset.extra_fields
        if isinstance(asset.owner, pystac.Item):
            self.additional_read_properties = [asset.owner.properties]
        elif isinstance(asset.owner, pystac.Collection):
            self.additional_read_properties = [asset.owner.extra_fields]

    def __repr__(self) -> str:
        return f"<AssetEmbeddingExtension Asset href={self.asset_href}>"


class ItemAssetsEmbeddingExtension(EmbeddingExtension[pystac.ItemAssetDefinition]):
    """The fields on an Item Asset Definition."""

    _scope = "asset"

    def __init__(self, item_asset: pystac.ItemAssetDefinition) -> None:
        self.asset_defn = item_asset
        self.properties = item_asset.properties

    def __repr__(self) -> str:
        return "<ItemAssetsEmbeddingExtension>"


class SummariesEmbeddingExtension(_FieldsOnly, EmbeddingSummaries, SummariesExtension):
    """The fields in the summaries of a Collection."""

    _own = frozenset({"collection", "summaries"})

    def _read(self, name: str) -> Any:  # noqa: ANN401  # as the base class
        values = self.summaries.get_list(name)
        if values is None:
            return None
        return [self._entry(name, value) for value in values]

    def _write(self, name: str, value: object) -> None:
        plain = _plain(value)
        if plain is not None and not isinstance(plain, list):
            raise ValidationFailed(f"the summary of `{name}` must be a list of values, not {plain!r:.80}")
        for entry in plain or ():
            self._entry(name, entry)
        self._set_summary(name, plain)

    @staticmethod
    def _entry(name: str, value: object) -> Any:  # noqa: ANN401  # as the base class
        """One value of a summary; a field that is a list is summarised by its members."""
        if BY_NAME[name].schema.get("type") == "array":
            return _parsed(name, [value])[0]
        return _parsed(name, value)


class EmbeddingExtensionHooks(ExtensionHooks):
    """Lets pystac lift documents of the community draft when it reads them."""

    schema_uri: str = SCHEMA_URI
    prev_extension_ids = {DRAFT_URI}  # noqa: RUF012  # pystac declares it so
    stac_object_types = {pystac.STACObjectType.COLLECTION, pystac.STACObjectType.ITEM}  # noqa: RUF012  # as above

    def migrate(self, obj: dict[str, Any], version: STACVersionID, info: STACJSONDescription) -> None:
        """Lift the object in place where it declares the draft; `stac_extensions` is rewritten with it."""
        from stac_emb.crosswalk.draft_lift import from_draft, is_draft

        if is_draft(obj):
            lifted = from_draft(obj)
            obj.clear()
            obj.update(lifted)


EMBEDDING_EXTENSION_HOOKS: ExtensionHooks = EmbeddingExtensionHooks()
