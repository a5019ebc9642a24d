"""What is generated from the field table; `python -m atlas.extension.generate` writes it."""
