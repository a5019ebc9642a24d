"""Whether the user agrees to pay for what is about to be read."""

from collections.abc import Iterable

from atlas.errors import RestoreError
from atlas.fetch.payer import agree
from atlas.read.spec import AssetSpec

__all__ = ["settle"]


def settle(specs: Iterable[AssetSpec], *, agreed: bool) -> None:
    """Stop before anything is fetched that the user pays for; once they agree, requests name their account.

    Requests to buckets whose endpoint the environment names do so without asking.

    Raises:
        RestoreError: the user has not agreed.
        UrlRefused: the user has agreed, but the environment names no account.
    """
    named = [(spec, spec.payer) for spec in specs if spec.payer is not None]
    paid = [(spec, payer) for spec, payer in named if payer.pays]
    if paid and not agreed:
        first, payer = paid[0]
        raise RestoreError(
            f"{first.href} and {len(paid) - 1} more: the user pays for the transfer (storage:requester_pays), here "
            f"with the account that the environment names, to {payer.prefix}. "
            "Nothing was fetched; pass requester_pays=True to go on"
        )
    for payer in {payer for _, payer in named}:
        agree(payer)
