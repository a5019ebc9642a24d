"""Schema addresses of the STAC extensions that Collections, Items and Catalogs of the atlas declare."""

from stac_emb.identity import SCHEMA_URI as EMB

__all__ = ["EMB", "PROCESSING", "PROJECTION", "SCIENTIFIC", "STAC_VERSION", "STORAGE", "TABLE", "THEMES", "VERSION"]

STAC_VERSION = "1.1.0"
_BASE = "https://stac-extensions.github.io"
PROCESSING = f"{_BASE}/processing/v1.2.0/schema.json"
PROJECTION = f"{_BASE}/projection/v2.0.0/schema.json"
SCIENTIFIC = f"{_BASE}/scientific/v1.0.0/schema.json"
STORAGE = f"{_BASE}/storage/v2.0.0/schema.json"
TABLE = f"{_BASE}/table/v1.2.0/schema.json"
THEMES = f"{_BASE}/themes/v1.0.0/schema.json"
VERSION = f"{_BASE}/version/v1.2.0/schema.json"
