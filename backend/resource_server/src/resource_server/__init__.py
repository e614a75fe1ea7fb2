"""A FastAPI resource server: verifies access tokens by JWKS and honours their revocation at once."""
