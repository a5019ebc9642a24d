"""Code that opens and restores an asset: `catalog/snippets/`, shown on pages and by the API as it was tested."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from atlas.errors import RecordError
from atlas.records.base import Identifier, Strict, Text
from atlas.records.product import Product
from atlas.records.yaml_text import YamlFaultError, parse_yaml
from atlas.resources import data_dir

__all__ = ["Snippet", "load_snippets", "snippets_for"]


class Snippet(Strict):
    """One file of code."""

    id: Identifier
    title: Text
    language: Literal["python", "sql", "shell"]
    libraries: list[Text]
    """What has to be installed, by the names of the packages."""
    file: Text
    """Path below the folder."""
    products: list[Identifier] = Field(default_factory=list)
    """Products that it reads, by id; or else `formats` and `columns` say which it reads."""
    formats: list[Identifier] = Field(default_factory=list)
    """Reads every product that has a distribution of such a format with all of `columns`."""
    columns: list[Text] = Field(default_factory=list)
    distribution: Identifier | None = None
    """The distribution of the product that it reads; the first one with a data asset where left out."""
    hrefs: dict[Text, Text]
    """Literals in the file that stand for assets of an Item: asset key, literal."""
    code: str = ""
    """The file's text."""

    def render(self, hrefs: Mapping[str, str]) -> str:
        """The code with the hrefs of other assets; those that are not given stay as they are.

        Raises:
            ValueError: an href has a character that would end the literal it stands in.
        """
        code = self.code
        for key, literal in self.hrefs.items():
            if key in hrefs:
                if set(hrefs[key]) & set("\"'\\\n\r`$ "):
                    msg = f"the href of the asset '{key}' cannot stand in code: {hrefs[key]!r}"
                    raise ValueError(msg)
                code = code.replace(literal, hrefs[key])
        return code

    def reads(self, product: Product) -> bool:
        """Whether the snippet reads the product."""
        if self.products:
            return product.id in self.products
        for place in product.distributions:
            layout = place.layout or product.embedding.layout or {}
            column = layout.get("name") if layout.get("kind") == "column" else None
            if place.format in self.formats and column in self.columns and not place.retired:
                return True
        return False


def load_snippets(catalog_dir: Path | None = None) -> list[Snippet]:
    """Load the snippets with their code, in the order of the index.

    Args:
        catalog_dir: the catalogue's folder; without it, the one that belongs to this installation.

    Raises:
        RecordError: the index or a file is wrong; the message names file, snippet and rule.
    """
    folder = (catalog_dir if catalog_dir is not None else data_dir("catalog")) / "snippets"
    name = "snippets/index.yaml"
    try:
        entries = parse_yaml((folder / "index.yaml").read_text("utf-8")).data["snippets"]
        found = [Snippet.model_validate(entry) for entry in entries]
    except (OSError, YamlFaultError, ValidationError, KeyError, TypeError) as error:
        msg = f"{name} - shape - error - {error}"
        raise RecordError(msg) from error
    loaded = []
    for snippet in found:
        path = (folder / snippet.file).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            msg = f"{name} - {snippet.id}.file - file-exists - error - no file {snippet.file}"
            raise RecordError(msg)
        code = path.read_text("utf-8")
        for literal in snippet.hrefs.values():
            if literal not in code:
                msg = f"{name} - {snippet.id}.hrefs - literal-in-file - error - {snippet.file} does not hold {literal}"
                raise RecordError(msg)
        loaded.append(snippet.model_copy(update={"code": code}))
    return loaded


def snippets_for(product: Product, snippets: list[Snippet]) -> list[Snippet]:
    """The snippets that read a product: those made for it first."""
    return sorted((s for s in snippets if s.reads(product)), key=lambda s: not s.products)
