"""What is generated from the field table; `python -m stac_emb.generate` writes it."""
