"""The newest change that the history has of a field gave it the value that its record has now.

A record that was edited after its change was written needs its history file rewritten:
`atlas history --since DAY OLDER_FOLDER`.
"""

from collections.abc import Iterator

from atlas.records.history import flat, latest, plain
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Compare what the history says last with the records."""
    catalog = context.catalog
    now = {name: flat(plain(product)) for name, product in catalog.products.items()}
    for (product, path), (name, value) in latest(catalog.history).items():
        if product not in now:
            continue
        present = now[product].get(path)
        if present != value:
            message = f"{path} is {present!r}, and the newest change in the history made it {value!r}"
            yield Fault(f"history/{name}.yaml", "records", message, product)


RULE = Rule("history-agrees", "warning", check, __doc__)
