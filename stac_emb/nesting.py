"""Common deviations for which schemas give misleading faults: link templates, missing brackets, bands."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from stac_emb.faults import Fault
from stac_emb.geometries import check_geometry
from stac_emb.messages import shown

__all__ = ["filled", "nested"]

_TEMPLATE = re.compile(r"\{[^{}\s]{1,64}\}")
"""A variable in a URI template, such as of tiles: `https://example.org/{z}/{x}/{y}.png`."""
_LISTS = ("/extent/spatial/bbox", "/extent/temporal/interval")


def filled(obj: Any) -> Any:  # noqa: ANN401  # any JSON
    """The object with the templates in hrefs of links and assets filled in, so that they are valid addresses."""
    if not isinstance(obj, dict):
        return obj
    changed: dict[str, Any] = {}
    links, assets = obj.get("links"), obj.get("assets")
    if isinstance(links, list) and any(map(_is_template, links)):
        changed["links"] = [_fill(link) for link in links]
    if isinstance(assets, dict) and any(map(_is_template, assets.values())):
        changed["assets"] = {key: _fill(asset) for key, asset in assets.items()}
    return {**obj, **changed} if changed else obj


def _is_template(holder: object) -> bool:
    href = holder.get("href") if isinstance(holder, dict) else None
    return isinstance(href, str) and "{" in href and _TEMPLATE.search(href) is not None


def _fill(holder: Any) -> Any:  # noqa: ANN401  # any JSON
    return {**holder, "href": _TEMPLATE.sub("x", holder["href"])} if _is_template(holder) else holder


def nested(obj: object, faults: Sequence[Fault]) -> list[Fault]:
    """The faults, with one instead of many where a list of boxes or intervals lacks its outer brackets."""
    found = list(faults)
    for place in _LISTS:
        value = _at(obj, place)
        if not isinstance(value, list) or not value or any(isinstance(member, list | dict) for member in value):
            continue
        inside = [fault for fault in found if fault.pointer == place or fault.pointer.startswith(f"{place}/")]
        if not inside:
            continue
        message = f"is a list of lists: write {shown([value])}, not {shown(value)}"
        found = _instead(found, inside, replace(inside[0], pointer=place, message=message))
    return _bands_of_models(obj, _unwrapped(obj, _of_known_links(obj, found)))


def _bands_of_models(obj: object, faults: list[Fault]) -> list[Fault]:
    """One fault where a model names bands that nothing describes.

    MLM allows three ways, and its schema reports the first. The third, `bands` in the properties, is forbidden by the
    schema of core 1.1.0.
    """
    inputs = _at(obj, "/properties/mlm:input")
    names = (
        [row["bands"] for row in inputs if isinstance(row, dict) and row.get("bands")]
        if isinstance(inputs, list)
        else []
    )
    about = [
        fault
        for fault in faults
        if fault.rule.startswith("mlm/")
        and (
            (fault.pointer == "/stac_extensions" and fault.rule == "mlm/contains")
            or any(f"`{name}` is missing" in fault.message for name in ("raster:bands", "eo:bands", "bands"))
        )
    ]
    if not names or not any(fault.pointer == "/stac_extensions" for fault in about):
        return faults
    message = (
        f"the model reads bands ({shown(names[0])}) that nothing describes: give its Asset `raster:bands` or "
        "`eo:bands` with their names, and declare that extension (raster v1, eo v1); or [] where it reads none"
    )
    return _instead(
        faults, about, replace(about[0], pointer="/properties/mlm:input", rule="mlm/anyOf", message=message)
    )


def _of_known_links(obj: object, faults: list[Fault]) -> list[Fault]:
    """Leaves out errors about the href of a link without `rel`: only that of `self` must be absolute."""
    links = _at(obj, "/links")
    nameless = {
        f"/links/{i}/href"
        for i, link in enumerate(links if isinstance(links, list) else ())
        if isinstance(link, dict) and "rel" not in link
    }
    return [fault for fault in faults if fault.pointer not in nameless or not fault.rule.endswith("/format")]


def _unwrapped(obj: object, faults: list[Fault]) -> list[Fault]:
    """The same for coordinates that lack their outer brackets: otherwise every number would be a fault."""
    place = "/geometry/coordinates"
    inside = [fault for fault in faults if fault.pointer == place or fault.pointer.startswith(f"{place}/")]
    geometry, coordinates = _at(obj, "/geometry"), _at(obj, place)
    if len(inside) < 2 or not isinstance(geometry, dict) or not isinstance(coordinates, list):
        return faults
    if any(finding.level == "fault" for finding in check_geometry({**geometry, "coordinates": [coordinates]})):
        return faults
    message = f"a {geometry.get('type')} has one more level of lists: write [{shown(coordinates)}]"
    return _instead(faults, inside, replace(inside[0], pointer=place, message=message))


def _instead(faults: list[Fault], of: list[Fault], one: Fault) -> list[Fault]:
    return [one, *(fault for fault in faults if fault not in of)]


def _at(obj: object, place: str) -> object:
    for part in place.split("/")[1:]:
        obj = obj.get(part) if isinstance(obj, dict) else None
    return obj
