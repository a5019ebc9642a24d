"""The questions that users of embeddings ask: what covers a place, what may be compared, what fits, how much it is."""

__all__: list[str] = []
