"""The service: a FastAPI resource server for the tokens of a Better Auth identity provider."""
