"""FastAPI dependencies and routes. Nothing outside of this package imports FastAPI."""
