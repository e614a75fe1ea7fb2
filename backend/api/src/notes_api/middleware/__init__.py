"""Pure ASGI middleware for every request."""
