"""One module per kind of page: its typed context, and the function that fills it from the records."""
