"""What an array or a table of vectors is: its space, its licence, its attribution. It travels with the numbers.

GeoTIFF loses keys with a colon, where `emb:space` also overwrites a key `emb`; and joining arrays keeps the attributes
of the first only. So everything is also kept as JSON in one attribute, whose name is not a prefix of the others, and
the space as a coordinate along time, which is joined as the numbers are.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from atlas.answers.licence import combined_licences
from atlas.answers.verdicts import Verdict
from atlas.errors import RestoreError
from atlas.read.compare import same_space
from atlas.read.issues import Artefact, issues_of
from atlas.records import Product, load_catalog, load_product

__all__ = ["ATTRIBUTE", "FRAME", "SPACE", "Identity", "IdentityError", "identity_of", "product_of", "record_of"]

ATTRIBUTE = "emb_identity"
"""Name of the attribute that holds everything as JSON."""
FRAME = "PANDAS_ATTRS"
"""Key under which pandas keeps `attrs` in Parquet."""
SPACE = "emb_space"
"""Name of the coordinate."""


class IdentityError(RestoreError):
    """Numbers do not say which space they lie in, or lie in spaces that must not be combined."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What vectors are.

    Attributes:
        space: `emb:space`.
        dimensions: `emb:dimensions`.
        normalization: `emb:normalization`; None where it is not stated.
        similarity: metrics that the producer recommends.
        products: ids of the Collections that they come from.
        versions: `version` of the Items or Collections.
        licences: of the data.
        attribution: what the licensors ask to be named.
        citation: what the producers ask to be cited.
        prefixes: lengths to which a vector may be truncated (`prefix_of` its own space).
        issues: titles of known issues that are not fixed.
        artefacts: those of them whose place is stated in numbers: title, box, years.
        steps: what was done to the vectors since they were dequantised.
        left_out: Items that could not be read: id, href and reason.
    """

    space: str | None
    dimensions: int
    normalization: str | None = None
    similarity: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()
    citation: tuple[str, ...] = ()
    prefixes: tuple[int, ...] = ()
    issues: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    artefacts: tuple[Artefact, ...] = ()
    left_out: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def of_item(
        cls, item: Mapping[str, Any], asset: Mapping[str, Any], collection: Mapping[str, Any] | None
    ) -> "Identity":
        """What an Item, its asset, its Collection and the record of its product say.

        Raises:
            IdentityError: `emb:space` is not stated.
        """
        layers = [asset, item.get("properties") or {}, collection or {}]

        def stated(name: str) -> Any:  # noqa: ANN401 - JSON is anything
            return next((layer[name] for layer in layers if layer.get(name) is not None), None)

        space = stated("emb:space")
        if not isinstance(space, str):
            raise IdentityError(
                f"'{item.get('id')}': 'emb:space' is not stated, so it is not known which vectors these may be "
                "compared with: state it in the Item"
            )
        product = product_of(item, collection)
        record = record_of(product)
        cited = record.citation if record else None
        own = [
            r
            for r in stated("emb:space_relations") or ()
            if r.get("relation") == "prefix_of" and r.get("space") == space
        ]
        issues = issues_of(item, collection, record)
        return cls(
            space,
            int(stated("emb:dimensions")),
            stated("emb:normalization"),
            tuple(stated("emb:similarity") or ()),
            _some(product),
            _some(stated("version")),
            _some(stated("license") or (record.licences.data if record else None)),
            _some(stated("attribution") or (record.licences.attribution if record else None)),
            _some(stated("sci:citation") or stated("sci:doi") or (cited and (cited.text or cited.doi))),
            tuple(sorted({n for r in own for n in r.get("lengths") or ()})),
            tuple(issue.title for issue in issues),
            artefacts=tuple(issue.artefact for issue in issues if issue.artefact is not None),
        )

    @classmethod
    def read(cls, text: str) -> "Identity":
        """From the attribute.

        Raises:
            IdentityError: the text is not an identity.
        """
        try:
            found = json.loads(text)
            fields: dict[str, Any] = {k: _hashable(v) for k, v in found.items()}
            return cls(**fields)
        except (ValueError, TypeError) as error:
            raise IdentityError(f"the attribute '{ATTRIBUTE}' does not say what the vectors are: {error}") from None

    def attributes(self) -> dict[str, Any]:
        """What an array carries."""
        found = {
            ATTRIBUTE: json.dumps({k: v for k, v in asdict(self).items() if v not in (None, ())}),
            "emb:space": self.space,
            "emb:dimensions": self.dimensions,
            "emb:normalization": self.normalization,
            "emb:product": ", ".join(self.products),
            "license": " AND ".join(self.licences),
            "attribution": "; ".join(self.attribution),
            "citation": "; ".join(self.citation),
        }
        return {k: v for k, v in found.items() if v not in (None, "")}

    def metadata(self) -> dict[str, str]:
        """What a table carries: the same as text, and once more where pandas and GeoPandas look for `attrs`."""
        found = {k: str(v) for k, v in self.attributes().items()}
        return found | {FRAME: json.dumps(found)}

    def done(self, *steps: str) -> "Identity":
        """With further processing steps."""
        return replace(self, steps=(*self.steps, *steps))

    def with_others(self, others: Iterable["Identity"], *, accept_licences: bool = False) -> "Identity":
        """The identity of vectors that are compared with, or joined to, others.

        Args:
            others: their identities.
            accept_licences: the caller has read the licences and they are compatible.

        Raises:
            SpaceMismatch: the spaces may not be compared.
            IdentityError: one is normalised and the other is not, the lengths differ, or the licences do not fit.
        """
        found = self
        for other in others:
            found = _both(found, other, accept_licences=accept_licences)
        return found


def product_of(item: Mapping[str, Any], collection: Mapping[str, Any] | None) -> str:
    """Id of an Item's Collection; empty where it states none."""
    return str(item.get("collection") or (collection or {}).get("id") or "")


def _hashable(value: object) -> object:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def identity_of(array: Any) -> Identity:  # noqa: ANN401 - arrays, data sets, frames: whatever has attributes
    """What an array of vectors is.

    Raises:
        IdentityError: it does not say, or holds vectors of several spaces.
    """
    attributes: Mapping[Any, Any] = getattr(array, "attrs", {}) or {}
    text = attributes.get(ATTRIBUTE)
    if not isinstance(text, str):
        raise IdentityError(
            f"these numbers do not say which vectors they are (attribute '{ATTRIBUTE}'): arithmetic between two "
            "products drops it, and so does NumPy. Open them with atlas.open, or copy the attributes of the array that "
            "they were made from"
        )
    identity = Identity.read(text)
    coordinates: Any = getattr(array, "coords", {})
    spaces = {str(s) for s in coordinates[SPACE].values.ravel()} if SPACE in coordinates else set()
    for space in sorted(spaces - {identity.space}):
        same_space(identity.space, space)
    return identity


def _both(a: Identity, b: Identity, *, accept_licences: bool) -> Identity:
    same_space(a.space, b.space)
    if a.normalization != b.normalization:
        raise IdentityError(
            f"vectors of 'emb:normalization' {a.normalization} and {b.normalization} are not compared: scale both to "
            "length 1 with atlas.read.normalized, or neither"
        )
    if a.dimensions != b.dimensions:
        raise IdentityError(f"vectors of {a.dimensions} and {b.dimensions} dimensions in one space: one is truncated")
    if not accept_licences:
        _check_licences(a, b)
    every = ("products", "versions", "licences", "attribution", "citation", "issues", "steps", "artefacts", "left_out")
    united: dict[str, Any] = {name: tuple(dict.fromkeys((*getattr(a, name), *getattr(b, name)))) for name in every}
    return replace(a, **united)


def _check_licences(a: Identity, b: Identity) -> None:
    if set(a.licences) == set(b.licences) or set(a.products) == set(b.products):
        return
    catalog = load_catalog()
    known = [catalog.products[p] for p in dict.fromkeys((*a.products, *b.products)) if p in catalog.products]
    if len(known) == len({*a.products, *b.products}) and a.products and b.products:
        answer = combined_licences(catalog, known)
        verdict, why = answer.verdict, " ".join(answer.combined)
    else:
        verdict, why = Verdict.UNKNOWN, "The atlas does not know one of the products: read both licences."
    if verdict is not Verdict.YES:
        raise IdentityError(
            f"whether {_named(a)} and {_named(b)} may be combined: {verdict}. {why} "
            "If you have read both licences and they allow it, pass accept_licences=True"
        )


def _named(identity: Identity) -> str:
    of = ", ".join(identity.products) or "these vectors"
    return f"{of} ({' AND '.join(identity.licences) or 'licence not stated'})"


@lru_cache(maxsize=64)
def record_of(product: str) -> Product | None:
    """The record of a product; None where the atlas has none."""
    return load_product(product) if product else None


def _some(value: object) -> tuple[str, ...]:
    if isinstance(value, str) and value:
        return (value,)
    return tuple(str(v) for v in value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
