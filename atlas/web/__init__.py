"""The atlas site: static pages, built only from records and crawls."""
