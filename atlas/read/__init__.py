"""Opening an asset by its metadata alone, restoring its vectors, sampling and comparing them."""
