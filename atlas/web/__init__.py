"""The atlas site: static pages from the records and the crawls alone."""

from atlas.web.build import build_site
from atlas.web.output import SiteReport

__all__ = ["SiteReport", "build_site"]
