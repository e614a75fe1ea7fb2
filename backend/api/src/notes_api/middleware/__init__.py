"""Pure ASGI middleware: what every request goes through, kept light."""
