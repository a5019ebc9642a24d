"""Takes modules and schemas from their folders in the repository; an editable installation points there."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    """Found by hatchling under this name."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Include files from outside this folder."""
        if version != "standard":
            return
        root = Path(self.root).parents[1]
        places = {
            "stac_emb": "stac_emb",
            "schemas/emb": "stac_emb/_schemas/emb",
            "schemas/vendor": "stac_emb/_schemas/vendor",
            "LICENSE": "stac_emb/LICENSE",
        }
        build_data["force_include"] |= {str(root / source): target for source, target in places.items()}
