"""Reading what `stac-emb validate` is given: strictly, and with a clear word for everything that cannot be read."""
