"""`atlas new`: start a new record of the catalogue."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import click

from atlas.commands._options import FOLDER
from atlas.records.product import Product
from atlas.records.template import record_text
from atlas.records.yaml_text import parse_yaml
from atlas.resources import data_dir

__all__ = ["command"]

_IDENTIFIER = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*\Z")
_TYPES = ("pixel", "patch", "location")
_STATUSES = ("released", "experimental", "deprecated", "recipe", "announced")


@click.group("new")
def command() -> None:
    """Start a new record."""


@command.command("product")
@click.option("--id", "identifier", help="Short name, which becomes the file's name: lower case, digits, . _ -")
@click.option("--title", help="Title as the producer writes it.")
@click.option("--summary", help="One sentence for lists and tables.")
@click.option("--type", "kind", type=click.Choice(_TYPES), help="What one vector describes.")
@click.option("--status", type=click.Choice(_STATUSES), help="State of the product.  [default: released]")
@click.option("--producer", help="Organisation that makes the product.")
@click.option("--model", help="Name of the model that makes the vectors.")
@click.option("--source", help="Address where these statements can be checked.")
@click.option("--keywords", help="Keywords that other products have too, separated by commas.")
@click.option("--dimensions", type=click.IntRange(min=1), help="Length of one vector, where it is stated.")
@click.option("--licence", help="Licence of the data as an SPDX expression, where it is stated.")
@click.option("--no-input", is_flag=True, help="Ask nothing; a missing answer is an error.")
@click.option("--catalog", type=FOLDER, help="Catalogue to write into, by default the one of this checkout.")
def product(no_input: bool, catalog: Path | None, **given: Any) -> None:  # noqa: ANN401 - the options above
    """Start the record of a product.

    Asks for what every product needs, and writes a record that explains every other field.

    The record can be loaded at once; `atlas lint` then lists what is still missing.
    """
    home = catalog or data_dir("catalog")
    if catalog is None and home.parent.name == "_data":
        msg = "this is an installed package, not a checkout: name the catalogue to write into with --catalog"
        raise click.UsageError(msg)
    folder = home / "products"
    if not folder.is_dir():
        raise click.UsageError(f"{folder.parent} is not a catalogue: it has no folder 'products'")
    asked = _Questions(given, no_input=no_input)
    identifier = asked.text("identifier", "--id", "Id (lower case, becomes the file's name)")
    if not _IDENTIFIER.match(identifier) or len(identifier) > 100:
        msg = f"'{identifier}' is not an id: lower-case letters and digits, joined by . _ or -"
        raise click.BadParameter(msg, param_hint="--id")
    file = folder / f"{identifier}.yaml"
    if file.exists():
        raise click.BadParameter(f"there is a product '{identifier}' already: {file}", param_hint="--id")
    answers = _answers(identifier, asked)
    text = record_text(answers)
    Product.model_validate(_loaded(text))  # a record that cannot be loaded would be a bug of this command
    file.write_text(text, encoding="utf-8")
    click.echo(f"{file} is written. Fill in what you know, then run: atlas lint")


def _loaded(text: str) -> Any:  # noqa: ANN401 - any YAML
    """The record as plain data, with its one source filled in as the loader does."""
    data = parse_yaml(text).data
    main = data["sources"]["main"]
    return {**data, "evidence": {path: [main] for path in data["evidence"]}}


def _answers(identifier: str, asked: "_Questions") -> dict[str, Any]:
    title = asked.text("title", "--title", "Title")
    summary = asked.text("summary", "--summary", "Summary, one sentence")
    kind = asked.text("kind", "--type", "What one vector describes", click.Choice(_TYPES))
    status = asked.text("status", "--status", "Status", click.Choice(_STATUSES), default="released")
    producer = asked.text("producer", "--producer", "Producer")
    model = asked.text("model", "--model", "Model")
    source = asked.text("source", "--source", "Address where this can be checked")
    if not source.startswith(("https://", "http://")):
        raise click.BadParameter(f"'{source}' is not a web address", param_hint="--source")
    keywords = [word.strip() for word in asked.text("keywords", "--keywords", "Keywords, by commas").split(",")]
    answers: dict[str, Any] = {
        "id": identifier,
        "title": title,
        "summary": summary,
        "description": f"{summary}\n",
        "keywords": [word for word in keywords if word],
        "status": status,
        "providers": [{"name": producer, "roles": ["producer"]}],
        "embedding": {"type": kind},
        "model": {"name": model},
        "licences": {},
        "sources": {
            "main": {"source": source, "checked": dt.datetime.now(dt.UTC).date().isoformat(), "strength": "primary"}
        },
    }
    if not answers["keywords"]:
        raise click.BadParameter("name at least one keyword", param_hint="--keywords")
    stated = ["title", "summary", "description", "providers", "embedding.type", "model.name"]
    if (dimensions := asked.optional("dimensions", "Dimensions, empty where not stated")) is not None:
        answers["embedding"]["dimensions"] = dimensions
        stated.append("embedding.dimensions")
    if (licence := asked.optional("licence", "Licence of the data (SPDX), empty where not stated")) is not None:
        answers["licences"]["data"] = licence
        stated.append("licences.data")
    if status != "released":
        stated.append("status")
    answers["evidence"] = {path: ["main"] for path in stated}
    return answers


class _Questions:
    """Answers given as options; missing ones are asked for, unless `--no-input` is given."""

    def __init__(self, given: dict[str, Any], *, no_input: bool) -> None:
        self.given, self.no_input = given, no_input

    def text(
        self, name: str, option: str, question: str, kind: click.Choice[str] | None = None, default: str | None = None
    ) -> str:
        value = self.given.get(name)
        if value is None and self.no_input:
            if default is None:
                raise click.UsageError(f"missing {option}; leave out --no-input to be asked for it")
            value = default
        elif value is None:
            value = click.prompt(question, type=kind or str, default=default)
        value = str(value).strip()
        if not value:
            raise click.BadParameter("must not be empty", param_hint=option)
        return value

    def optional(self, name: str, question: str) -> Any:  # noqa: ANN401 - text or a number
        value = self.given.get(name)
        if value is None and not self.no_input:
            answer = click.prompt(question, default="", show_default=False, type=str).strip()
            if name == "dimensions" and answer:
                if not answer.isdigit() or int(answer) < 1:
                    raise click.BadParameter(f"'{answer}' is not a length of a vector", param_hint="--dimensions")
                return int(answer)
            return answer or None
        return value
