"""`atlas recipe`: tested code that opens a product."""

import click
import orjson

from atlas.commands._answers import as_json_option
from atlas.errors import QuestionError

__all__ = ["command"]


@click.command("recipe")
@click.argument("product")
@click.option("--lang", help="Language or tool: python, sql, shell, torchgeo, ...")
@as_json_option
def command(product: str, lang: str | None, as_json: bool) -> None:
    """Print tested code that opens an asset of PRODUCT and restores its vectors."""
    from atlas.opening import open_catalog
    from atlas.records.snippets import load_snippets, snippets_for

    record = open_catalog().product(product)
    for_it = snippets_for(record, load_snippets())
    found = [s for s in for_it if lang in (None, s.language, s.tool)]
    if not found:
        names = dict.fromkeys(n for s in for_it for n in (s.language, s.tool))
        hint = f"there is one in {', '.join(names)}" if names else "its record states no files that can be opened"
        msg = f"there is no recipe {f'in {lang} ' if lang else ''}for '{product}'; {hint}"
        raise QuestionError(msg)
    if as_json:
        documents = [s.model_dump(mode="json", include={"id", "title", "language", "tool", "libraries"}) for s in found]
        for document, snippet in zip(documents, found, strict=True):
            document |= {"note": snippet.note, "code": snippet.code}
        click.echo(orjson.dumps(documents, option=orjson.OPT_INDENT_2).decode())
        return
    for snippet in found:
        mark = "--" if snippet.language == "sql" else "#"
        notes = [snippet.title, f"Needs {', '.join(snippet.libraries)}.", *filter(None, [snippet.note])]
        click.echo("\n".join(f"{mark} {note}" for note in notes))
        click.echo(f"\n{snippet.code}")
