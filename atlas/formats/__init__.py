"""File formats, shared by crawls, checks and readers of vectors: everything is read within limits."""
