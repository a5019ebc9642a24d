"""The static site: one typed context per page, figures, feeds, search index."""
