"""The atlas site: static pages from the records and the crawls alone."""
