"""The operations of the API, declared once: routes, OpenAPI, links of the landing page and the site's page of the API
come from this table. It holds only data, so that the site can be built without the libraries of the API.
"""

from atlas.operations.table import ATLAS, BROWSE, OPERATIONS, STAC, WRITE, Example, Operation, operation

__all__ = ["ATLAS", "BROWSE", "OPERATIONS", "STAC", "WRITE", "Example", "Operation", "operation"]
