"""Scale and offset in files and STAC that contradict `emb:quantization`: both cannot be right."""

from collections.abc import Iterable, Mapping
from typing import Any

from atlas.errors import RestoreError
from stac_emb.models import Quantization

__all__ = ["band_scaling", "refuse_scaling"]


def refuse_scaling(rule: Quantization, where: str, scales: Iterable[object], offsets: Iterable[object]) -> None:
    """Refuse stored numbers that are stated both to be the vector itself and to be scaled.

    Args:
        rule: `emb:quantization`; a method that scales takes precedence.
        where: what states the scales, for the message.
        scales: of the bands, None where none is stated.
        offsets: likewise.

    Raises:
        RestoreError: the method is `none`, and a scale is not 1 or an offset not 0.
    """
    if rule.method != "none":
        return
    scale = next((one for one in scales if one not in (None, 1)), None)
    offset = next((one for one in offsets if one not in (None, 0)), None)
    if scale is not None or offset is not None:
        told = " and ".join(
            f"{name} {value}" for name, value in (("scale", scale), ("offset", offset)) if value is not None
        )
        msg = f"{where}: {told} stated, and 'emb:quantization' says that the stored numbers are the vector"
        raise RestoreError(msg)


def band_scaling(asset: Mapping[str, Any], *bands: object) -> tuple[list[object], list[object]]:
    """Scales and offsets of an Asset and of its `bands` or `raster:bands`."""
    members = [asset, *(band for each in bands if isinstance(each, list) for band in each if isinstance(band, Mapping))]

    def of(name: str) -> list[object]:
        return [member.get(f"raster:{name}", member.get(name)) for member in members]

    return of("scale"), of("offset")
