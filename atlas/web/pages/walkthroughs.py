"""The walk-throughs of `docs/walkthroughs`, which tests run: a page for each, their list, and their pictures."""

import re
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from PIL import Image

from atlas.errors import SiteError
from atlas.resources import data_dir
from atlas.web.page import Context, Head, Page
from atlas.web.text import first_sentence, markdown

__all__ = ["pictures", "walkthrough_pages", "walkthroughs"]

FOLDER = "docs/walkthroughs"
_LIST = "walkthroughs.html"


def walkthrough_pages() -> list[Page]:
    """The list and every walk-through."""
    every = walkthroughs()
    head = Head(
        "Walk-throughs",
        "From Items to an answer, step by step: pages that run as tests, with the pictures that they draw.",
        _LIST,
    )
    entries = [{"id": w.id, "title": w.title, "question": w.question} for w in every]
    pages = [Page("walkthroughs.html", head, Context(walkthroughs=every), {"walkthroughs": entries})]
    for walk in every:
        path = f"walkthroughs/{walk.id}"
        head = Head(
            walk.title,
            first_sentence(walk.question[0].upper() + walk.question[1:]),
            f"{path}.html",
            crumbs=(("Walk-throughs", _LIST),),
        )
        context = Context(walkthrough=walk, others=tuple(w for w in every if w is not walk))
        twin = {"id": walk.id, "title": walk.title, "question": walk.question, "markdown": walk.source}
        pages.append(Page("walkthrough.html", head, context, twin))
    return pages


@cache
def walkthroughs() -> tuple[Context, ...]:
    """Every walk-through in the order of their list: its Markdown, its parts, and the first picture of them, if any.

    Parts are headings, prose as HTML, code, and pictures with their address on the site and size in pixels.

    Raises:
        SiteError: the list or a page is invalid.
    """
    folder = data_dir(FOLDER)
    listed = re.findall(
        r"^\| \[.*?\]\((.*?)\.md\) \| (.*?) \|$", (folder / "README.md").read_text("utf-8"), re.MULTILINE
    )
    if not listed:
        raise SiteError(f"{folder / 'README.md'}: it lists no walk-through")
    return tuple(_read(folder, name, question) for name, question in listed)


def pictures() -> dict[str, bytes]:
    """The pictures by their address on the site."""
    found = {b.path: b for w in walkthroughs() for b in w.blocks if b.kind == "picture"}
    return {path: (data_dir(FOLDER) / path.removeprefix("walkthroughs/")).read_bytes() for path in found}


def _read(folder: Path, name: str, question: str) -> Context:
    path = folder / f"{name}.md"
    text = path.read_text("utf-8")
    lines = text.splitlines()
    title, blocks = "", []
    tokens = MarkdownIt("commonmark").parse(text)
    for at, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        part = "\n".join(lines[slice(*token.map)])
        if token.type == "heading_open":
            words = tokens[at + 1].content
            if token.tag == "h1":
                title = words
            else:
                anchor = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
                blocks.append(Context(kind="heading", text=words, id=anchor))
        elif token.type == "fence":
            blocks.append(Context(kind="code", text=token.content.rstrip("\n")))
        elif shown := re.fullmatch(r"!\[(.+)\]\((pictures/[\w.-]+\.png)\)", part.strip()):
            blocks.append(_picture(folder, path, *shown.groups()))
        else:
            blocks.append(Context(kind="prose", html=markdown(part)))
    if not title:
        raise SiteError(f"{path}: it has no title")
    picture = next((b for b in blocks if b.kind == "picture"), None)
    return Context(id=name, title=title, question=question, blocks=blocks, picture=picture, source=text)


def _picture(folder: Path, page: Path, text: str, file: str) -> Context:
    try:
        with Image.open(folder / file) as image:
            return Context(kind="picture", text=text, path=f"walkthroughs/{file}", size=image.size)
    except OSError as error:
        raise SiteError(f"{page}: its picture {file} cannot be read: {error}") from error
