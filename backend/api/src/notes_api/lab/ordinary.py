"""The ordinary check of an access token, as most services have it: signature, issuer, audience and expiry."""

from typing import Any

import jwt

from resource_server import ResourceServerSettings


class OrdinaryCheck:
    """It does not notice that a token was revoked."""

    def __init__(self, settings: ResourceServerSettings) -> None:
        self._settings = settings
        self._keys = jwt.PyJWKClient(str(settings.jwks_url))

    def __call__(self, token: str) -> dict[str, Any]:
        """The claims. Raises jwt.PyJWTError."""
        key = self._keys.get_signing_key_from_jwt(token)
        return jwt.decode(
            token,
            key,
            algorithms=list(self._settings.algorithms),
            audience=self._settings.audience,
            issuer=self._settings.issuer,
        )
