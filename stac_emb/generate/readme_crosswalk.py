"""The crosswalk table: our fields in the draft, in Zarr attributes, in the dataset card and in GeoCroissant."""

from collections.abc import Callable

from stac_emb.crosswalk.draft_terms import RENAMED
from stac_emb.fields import FIELDS

__all__ = ["render_crosswalk"]

_NONE = "–"
# Draft v0.0.1 comes from the conversion code; the other three are written here, and the tests of the crosswalks look
# up each of them in a converted document.
_ZARR = {
    "emb:type": "`geoemb:type` (`chip` for `patch`)",
    "emb:dimensions": "`geoemb:dimensions`",
    "emb:model": "`geoemb:model` (address only)",
    "emb:inference_data": "`geoemb:source_data` (addresses only)",
    "emb:space_relations": "`geoemb:depths` (own prefixes)",
    "emb:footprint": "`geoemb:chip_layout` (pixels only)",
    "emb:quantization": "`geoemb:quantization` (linear, per vector)",
}
_CARD = {
    "emb:type": "`embedding_spatial_types`",
    "emb:dimensions": "`embedding_dimension`",
    "emb:model": "`model_name`, `model_link`",
    "emb:inference_data": "`inference_datasets` (names only)",
    "emb:ground_size": "`grid_spacing` (metres, x first)",
    "emb:temporal_resolution": "`embedding_temporal_type`",
    "emb:quantization": "`quantization` (method only)",
}
_CROISSANT = {
    "emb:type": "kept as `emb:type`",
    "emb:dimensions": "kept as `emb:dimensions`",
    "emb:space": "kept as `emb:space`",
    "emb:normalization": "kept as `emb:normalization`",
    "emb:ground_size": "`geocr:spatialResolution`",
    "emb:temporal_resolution": "`geocr:temporalResolution`",
}


def render_crosswalk(table: Callable[[tuple[str, ...], list[tuple[str, ...]]], str]) -> str:
    """The table's text."""
    draft: dict[str, str] = {}
    for theirs, (ours, _, _) in RENAMED.items():
        draft.setdefault(ours, f"`{theirs}`")
    draft["emb:model"] = "link `emb:model`"
    draft["emb:inference_data"] = "link `emb:source-data`"
    rows = [
        (
            f"`{field.name}`",
            *(names.get(field.name, _NONE) for names in (draft, _ZARR, _CARD, _CROISSANT)),
        )
        for field in FIELDS
    ]
    return table(("Field", "Draft v0.0.1", "Zarr `geoemb:`", "Dataset card", "GeoCroissant"), rows)
