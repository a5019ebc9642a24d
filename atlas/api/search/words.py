"""Free text (`q`) as SQL: terms separated by commas, of which one must occur; the words of a term must be adjacent.

The extension knows no operators, so `-`, `"` and `AND` are read as text: PostgreSQL recognises words of any script and
ignores the rest. pgstac's own parser fails on letters beyond ASCII.
"""

import re
from collections.abc import Callable

from atlas.api.errors import BadRequestError

__all__ = ["words_sql"]

_WORD = re.compile(r"\w")
_MEMBERS = ("title", "description", "keywords")


def words_sql(value: str, bind: Callable[[object], str]) -> str:
    """The condition over `collections_asitems` that a value of `q` means.

    Raises:
        BadRequestError: a term holds no word.
    """
    terms = [term.strip() for term in value.split(",")]
    if not all(_WORD.search(term) for term in terms):
        raise BadRequestError("is empty or holds a term without a letter or a digit", parameter="q")
    return "(" + " OR ".join(_term_sql(f"{bind(term)}::text") for term in terms) + ")"


def _term_sql(term: str) -> str:
    """A term as stemmed English; a term of nothing but stop words ("the") as it is written."""
    return (
        f"CASE WHEN numnode(phraseto_tsquery('english', {term})) > 0 "
        f"THEN {_text('english')} @@ phraseto_tsquery('english', {term}) "
        f"ELSE {_text('simple')} @@ phraseto_tsquery('simple', {term}) END"
    )


def _text(language: str) -> str:
    parts = (f"to_tsvector('{language}', coalesce(content->'properties'->>'{name}', ''))" for name in _MEMBERS)
    return f"({' || '.join(parts)})"
