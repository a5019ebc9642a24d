"""Whether the reader agrees to pay for what is about to be read."""

from collections.abc import Iterable

from atlas.errors import RestoreError
from atlas.fetch.payer import agree
from atlas.read.spec import AssetSpec

__all__ = ["settle"]


def settle(specs: Iterable[AssetSpec], *, agreed: bool) -> None:
    """Say what the reader pays for before anything is fetched; once they agree, requests name their account.

    Requests to buckets whose endpoint the environment names do so without being asked about.

    Raises:
        RestoreError: they have not agreed.
        UrlRefused: they have, and the environment names no account.
    """
    named = [(spec, spec.payer) for spec in specs if spec.payer is not None]
    paid = [(spec, payer) for spec, payer in named if payer.pays]
    if paid and not agreed:
        first, payer = paid[0]
        msg = (
            f"{first.href} and {len(paid) - 1} more: the reader pays for the transfer (storage:requester_pays), here "
            f"the account that the environment names, to {payer.prefix}. "
            "Nothing was fetched; pass requester_pays=True to go on"
        )
        raise RestoreError(msg)
    for payer in {payer for _, payer in named}:
        agree(payer)
