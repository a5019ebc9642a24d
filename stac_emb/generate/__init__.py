"""Generates files from the field table: `python -m stac_emb.generate` writes them."""
