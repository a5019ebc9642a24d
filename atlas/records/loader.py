"""Load `catalog/`: every file is read and checked against its model; faults are collected, not raised one by one."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from atlas.errors import RecordError
from atlas.records.base import ID, Strict
from atlas.records.ecosystem import EcosystemEntry
from atlas.records.fingerprints import Fingerprints
from atlas.records.history import History
from atlas.records.inputs import Input
from atlas.records.issues import Issue
from atlas.records.prepare import ShapeError, fill_in, fill_in_reasons, terms_by_id
from atlas.records.product import Product
from atlas.records.spaces import Space
from atlas.records.taxonomy import Facet
from atlas.records.yaml_text import MAX_BYTES, Document, YamlFaultError, parse_yaml
from atlas.resources import data_dir

__all__ = ["Catalog", "load_catalog", "load_part", "load_product", "read_catalog"]

M = TypeVar("M", bound=Strict)
_NAMED: Mapping[str, type[Strict]] = {"inputs": Input, "spaces": Space}
"""Lists in which a product names entries."""


@dataclass(slots=True)
class Catalog:
    """Everything that is curated; each mapping is by id, in the order of the files."""

    products: dict[str, Product] = field(default_factory=dict)
    taxonomy: dict[str, Facet] = field(default_factory=dict)
    inputs: dict[str, Input] = field(default_factory=dict)
    spaces: dict[str, Space] = field(default_factory=dict)
    ecosystem: dict[str, EcosystemEntry] = field(default_factory=dict)
    fingerprints: dict[str, Fingerprints] = field(default_factory=dict)
    """Fingerprints of sources, by record."""
    history: dict[str, History] = field(default_factory=dict)
    """What changed in the records, by the day of the newer version."""
    path: Path = Path()
    """The folder that was read."""
    documents: dict[str, Document] = field(default_factory=dict, repr=False)
    """The files as read, by name below the folder: where lines are found."""
    terms: dict[str, tuple[Product, dict[str, tuple[str, ...]]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Terms of products, as far as `classify` was asked for them."""

    @property
    def lists(self) -> Mapping[str, Mapping[str, Input | Space | EcosystemEntry]]:
        """The records that share a file, by the name of the file."""
        return {"inputs": self.inputs, "spaces": self.spaces, "ecosystem": self.ecosystem}

    def record(self, name: str) -> Product | Input | Space | EcosystemEntry | None:
        """The product with an id, or the entry of a list by `inputs/ID`, `spaces/ID` or `ecosystem/ID`; else None."""
        kind, _, identifier = name.partition("/")
        return self.lists.get(kind, {}).get(identifier) if identifier else self.products.get(name)

    def where(self, file: str, path: Iterable[str | int] = ()) -> str:
        """`file:line` of a value."""
        document = self.documents.get(file)
        return f"{file}:{document.line(tuple(path))}" if document else file


def load_catalog(path: Path | None = None) -> Catalog:
    """Load the catalogue.

    Args:
        path: the folder; by default that of this installation.

    Raises:
        RecordError: a file does not fit its model; the message holds one line for each fault, with file, line, field
            and rule.
    """
    catalog, issues = read_catalog(path)
    if issues:
        raise RecordError("\n".join(map(str, issues)))
    return catalog


def load_product(product: str) -> Product | None:
    """Load only one product of this installation, a hundred times as fast as the catalogue; None if there is no record.

    Raises:
        RecordError: as `load_catalog`.
    """
    found = load_part(product, lists={})
    return found.products[product] if found else None


def load_part(product: str, path: Path | None = None, *, lists: Mapping[str, type[Strict]] = _NAMED) -> Catalog | None:
    """A catalogue of one product, with the inputs and spaces that it names; otherwise as `load_product`."""
    root = path if path is not None else data_dir("catalog")
    file = root / "products" / f"{product}.yaml"
    if not ID.fullmatch(product) or not file.is_file():
        return None
    reader = _Reader(root)
    reader.single(file, Product, reader.catalog.products, fill_in)
    for name, model in lists.items():
        reader.many(root / f"{name}.yaml", model, getattr(reader.catalog, name))
    if reader.issues:
        raise RecordError("\n".join(map(str, reader.issues)))
    return reader.catalog


def read_catalog(path: Path | None = None) -> tuple[Catalog, list[Issue]]:
    """Load the catalogue and collect faults: a file with a fault is left out.

    Raises:
        RecordError: there is no such folder.
    """
    root = path if path is not None else data_dir("catalog")
    if not (root / "products").is_dir():
        raise RecordError(f"{root} - - - catalog-folder - error - no catalogue here: the folder 'products' is missing")
    reader = _Reader(root)
    for file in sorted((root / "taxonomy").glob("*.yaml")):
        reader.single(file, Facet, reader.catalog.taxonomy, terms_by_id)
    for file in sorted((root / "products").glob("*.yaml"), key=lambda file: file.stem):
        reader.single(file, Product, reader.catalog.products, fill_in)
    lists: dict[str, type[Strict]] = {**_NAMED, "ecosystem": EcosystemEntry}
    for name, model in lists.items():
        reader.many(root / f"{name}.yaml", model, getattr(reader.catalog, name))
    for file in sorted((root / "evidence").rglob("*.yaml")):
        name = file.relative_to(root / "evidence").with_suffix("").as_posix()
        reader.single(file, Fingerprints, reader.catalog.fingerprints, name=name)
    for file in sorted((root / "history").glob("*.yaml")):
        reader.single(file, History, reader.catalog.history)
    return reader.catalog, reader.issues


class _Reader:
    """Reads file after file into one catalogue."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.catalog = Catalog(path=root)
        self.issues: list[Issue] = []

    def single(
        self,
        file: Path,
        model: type[M],
        into: dict[str, M],
        prepare: Callable[[Any], object] = lambda data: data,
        name: str | None = None,
    ) -> None:
        """Read a file that holds one record whose id is the file's name, or another `name`."""
        wanted = name or file.stem
        name, document = self._document(file)
        if document is None:
            return
        record = self._model(name, document, model, prepare, ())
        if record is None:
            return
        identifier = str(getattr(record, "id"))  # noqa: B009 - every model of the catalogue has one; `Strict` has not
        if identifier != wanted:
            self._issue(name, document.line(("id",)), "id", "id-is-file-name", f"'{identifier}' is not '{wanted}'")
            return
        into[identifier] = record

    def many(self, file: Path, model: type[M], into: dict[str, M]) -> None:
        """Read a file that holds a list of records."""
        if not file.is_file():
            self._issue(file.relative_to(self.root).as_posix(), 1, "-", "catalog-file", "the file is missing")
            return
        name, document = self._document(file)
        if document is None:
            return
        if not isinstance(document.data, list):
            self._issue(name, 1, "-", "list-of-records", "the file must hold a list of records")
            return
        for position in range(len(document.data)):
            record = self._model(name, document, model, fill_in_reasons, (position,))
            if record is None:
                continue
            identifier = str(getattr(record, "id"))  # noqa: B009 - as above
            if identifier in into:
                line = document.line((position, "id"))
                self._issue(name, line, f"{identifier}.id", "unique-id", f"'{identifier}' occurs twice")
                continue
            into[identifier] = record

    def _document(self, file: Path) -> tuple[str, Document | None]:
        name = file.relative_to(self.root).as_posix()
        try:
            if file.stat().st_size > MAX_BYTES * 4:
                raise YamlFaultError(1, "yaml-size", "the file is too large for a record")
            document = parse_yaml(file.read_text(encoding="utf-8"))
        except YamlFaultError as fault:
            self._issue(name, fault.line, "-", fault.rule, fault.message)
            return name, None
        except UnicodeDecodeError as error:
            self._issue(name, 1, "-", "utf-8", f"the file is not UTF-8: {error.reason} at byte {error.start}")
            return name, None
        except OSError as error:
            self._issue(name, 1, "-", "readable", os.strerror(error.errno or 0))
            return name, None
        self.catalog.documents[name] = document
        return name, document

    def _model(
        self,
        name: str,
        document: Document,
        model: type[M],
        prepare: Callable[[Any], object],
        base: tuple[str | int, ...],
    ) -> M | None:
        data = document.data
        for step in base:
            data = data[step]
        label = data.get("id") if base and isinstance(data, dict) else None
        try:
            # Through JSON, in strict mode: text never becomes a number, while dates are read from text.
            return model.model_validate_json(orjson.dumps(prepare(data)), strict=True)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False):
                loc = tuple(step for step in fault["loc"] if step != "function-after[]")
                path = ".".join(map(str, loc)) or "-"
                shown = f"{label}.{path}" if label else path
                self._issue(name, document.line((*base, *loc)), shown, fault["type"], " ".join(fault["msg"].split()))
        except ShapeError as fault:
            line = document.line((*base, *fault.path))
            self._issue(name, line, ".".join(map(str, fault.path)) or "-", fault.rule, str(fault))
        return None

    def _issue(self, name: str, line: int, field: str, rule: str, message: str) -> None:
        self.issues.append(Issue(f"{name}:{line}", field, rule, "error", message))
