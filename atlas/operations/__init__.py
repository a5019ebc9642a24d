"""The operations of the API, declared once: routes, OpenAPI, links of the landing page and the site's page of the API
come from this table. It holds data only, so that the site is built without what the API needs to run.
"""

from atlas.operations.table import ATLAS, BROWSE, OPERATIONS, STAC, WRITE, Example, Operation, operation

__all__ = ["ATLAS", "BROWSE", "OPERATIONS", "STAC", "WRITE", "Example", "Operation", "operation"]
