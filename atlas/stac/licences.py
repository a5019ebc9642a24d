"""The value of STAC's `license`."""

__all__ = ["stac_license"]


def stac_license(expression: str | None) -> str:
    """An SPDX expression as it is; `other` where none is stated or one of its licences is not in the SPDX list."""
    return expression if expression is not None and "LicenseRef-" not in expression else "other"
