"""The `emb` STAC extension: its field table and everything generated from it."""
