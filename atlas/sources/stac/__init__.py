"""Foreign STAC as an index: an API's Items page by page, or static documents link by link."""
