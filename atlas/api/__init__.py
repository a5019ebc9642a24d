"""The STAC API and the atlas endpoints, as one ASGI application."""
