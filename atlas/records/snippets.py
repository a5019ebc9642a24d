"""Code that opens and dequantises an asset: `catalog/snippets/`, shown on pages and by the API as tested."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from atlas.errors import RecordError
from atlas.records.base import Identifier, Strict, Text
from atlas.records.distributions import Distribution
from atlas.records.product import Product
from atlas.records.yaml_text import YamlFaultError, parse_yaml
from atlas.resources import data_dir

__all__ = ["Snippet", "Tool", "load_snippets", "snippets_for"]

_ENDING = frozenset("\"'\\\n\r`$ ")
"""Characters that would end the string literal of an href, or begin an expansion."""


class Tool(Strict):
    """A library or service that opens an asset."""

    id: Identifier
    title: Text
    note: Text | None = None
    """What its snippets need, and how they were run."""


class Snippet(Strict):
    """One file of code."""

    id: Identifier
    title: Text
    language: Literal["python", "sql", "shell"]
    tool: Identifier
    """Id of a tool in the index."""
    libraries: list[Text]
    """What has to be installed, by the names of the packages."""
    file: Text
    """Path below the folder."""
    products: list[Identifier] = Field(default_factory=list)
    """Ids of the products that it reads; if empty, `loader`, or `formats` and `columns`, choose them."""
    loader: Text | None = None
    """Reads every product whose record names this class among its loaders."""
    formats: list[Identifier] = Field(default_factory=list)
    """Reads every product with a distribution in one of these formats whose column of vectors is one of `columns`."""
    columns: list[Text] = Field(default_factory=list)
    distribution: Identifier | None = None
    """Id of the distribution that it reads; by default the first one in use."""
    hrefs: dict[Text, Text]
    """Literals in the file for assets of an Item, by asset key."""
    local: Annotated[int, Field(ge=1)] | None = None
    """For code that reads downloaded files: how many parts of an href's path, from the end, name the file."""
    place: Text | None = None
    """The literal in the file for a place within the asset: longitude and latitude."""
    column: Text | None = None
    """The literal with the column of vectors as `embedding`, where products name it differently."""
    instead: dict[Text, Text] = Field(default_factory=dict)
    """Literals of the file and their replacements: one file may serve several products."""
    code: str = ""
    """The file's text."""
    note: Text | None = None
    """The note of its tool."""

    def render(self, hrefs: Mapping[str, str], place: tuple[float, float] | None = None) -> str:
        """The code for other assets; values that are not given stay unchanged.

        Args:
            hrefs: of assets, by key.
            place: longitude and latitude within them.

        Raises:
            ValueError: an href has a character that would end its string literal.
        """
        code = self.code
        for key, literal in self.hrefs.items():
            if key in hrefs:
                code = code.replace(literal, self._named(key, hrefs[key]))
        if place is not None and self.place is not None:
            code = code.replace(self.place, f"{place[0]:.5f}, {place[1]:.5f}")
        return code

    def _named(self, key: str, href: str) -> str:
        """An href, or the local file name, as in the code."""
        if set(href) & _ENDING:
            raise ValueError(f"the href of the asset '{key}' cannot be put in code: {href!r}")
        return href if self.local is None else "/".join(href.split("/")[-self.local :])

    def made_for(self, product: Product) -> "Snippet":
        """The snippet with the product's column and example in its code, where its record states them."""
        place = self._place(product)
        if place is None:
            return self
        code, hrefs = self.code, dict(self.hrefs)
        layout = place.layout or product.embedding.layout or {}
        if self.column is not None and layout.get("kind") == "column":
            code = code.replace(self.column, self.column.replace("embedding", layout["name"]))
        example = place.example_url
        if example is not None and not set(example) & _ENDING and "embeddings" in hrefs and not self.products:
            literal, hrefs["embeddings"] = hrefs["embeddings"], self._named("embeddings", example)
            code = code.replace(literal, hrefs["embeddings"])
        return self.model_copy(update={"code": code, "hrefs": hrefs, "distribution": place.id})

    def reads(self, product: Product) -> bool:
        """Whether the snippet reads the product."""
        if self.products:
            return product.id in self.products
        if self.loader is not None:
            return any(loader.ref == self.loader for loader in product.loaders)
        return self._place(product) is not None

    def _place(self, product: Product) -> Distribution | None:
        """The distribution that it reads."""
        for place in product.distributions:
            if self.distribution is not None and place.id != self.distribution:
                continue
            if self.formats and not self._fits(place, product):
                continue
            if not place.retired:
                return place
        return None

    def _fits(self, place: Distribution, product: Product) -> bool:
        layout = place.layout or product.embedding.layout or {}
        column = layout.get("name") if layout.get("kind") == "column" else None
        return place.format in self.formats and column in self.columns


def load_snippets(catalog_dir: Path | None = None) -> list[Snippet]:
    """Load the snippets with their code, in the order of the index.

    Args:
        catalog_dir: the catalogue's folder; by default that of this installation.

    Raises:
        RecordError: the index or a file is invalid; the message names file, snippet and rule.
    """
    folder = (catalog_dir if catalog_dir is not None else data_dir("catalog")) / "snippets"
    name = "snippets/index.yaml"
    try:
        index = parse_yaml((folder / "index.yaml").read_text("utf-8")).data
        tools = {tool.id: tool for tool in map(Tool.model_validate, index["tools"])}
        found = [Snippet.model_validate(entry) for entry in index["snippets"]]
    except (OSError, YamlFaultError, ValidationError, KeyError, TypeError) as error:
        raise RecordError(f"{name} - shape - error - {error}") from error
    loaded = []
    for snippet in found:
        if snippet.tool not in tools:
            msg = f"{name} - {snippet.id}.tool - tool-known - error - {snippet.tool!r} is not one of {', '.join(tools)}"
            raise RecordError(msg)
        path = (folder / snippet.file).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise RecordError(f"{name} - {snippet.id}.file - file-exists - error - no file {snippet.file}")
        code = path.read_text("utf-8")
        literals = [("instead", text) for text in snippet.instead]
        literals += [("hrefs", text) for text in snippet.hrefs.values()]
        literals += [(key, text) for key in ("place", "column") if (text := getattr(snippet, key)) is not None]
        for key, text in literals:
            if text not in code:
                msg = f"{name} - {snippet.id}.{key} - literal-in-file - error - {snippet.file} does not hold {text}"
                raise RecordError(msg)
            code = code.replace(text, snippet.instead.get(text, text))
        loaded.append(snippet.model_copy(update={"code": code, "note": tools[snippet.tool].note}))
    return loaded


def snippets_for(product: Product, snippets: list[Snippet]) -> list[Snippet]:
    """The snippets that read a product, with its column and example: those made for it first."""
    found = [s for s in snippets if s.reads(product)]
    own = {s.tool for s in found if s.products}  # those made for it replace the general ones of the same tool
    chosen = [s.made_for(product) for s in found if s.products or s.tool not in own]
    return sorted(chosen, key=lambda s: not s.products)
