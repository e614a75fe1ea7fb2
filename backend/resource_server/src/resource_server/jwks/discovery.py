"""Where the issuer's key set is, according to its metadata (OpenID Connect Discovery 1.0; RFC 8414)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from resource_server.addresses import check_address
from resource_server.jwks.source import FetchFailed, fetch
from resource_server.verification.encoding import decode_json_object
from resource_server.verification.errors import AuthenticationError

if TYPE_CHECKING:
    import httpx

    from resource_server.settings import ResourceServerSettings
    from resource_server.timing import Clock

logger = logging.getLogger(__name__)

FRESH_SECONDS: Final = 3_600.0
OPENID: Final = "/.well-known/openid-configuration"
OAUTH: Final = "/.well-known/oauth-authorization-server"


def metadata_addresses(issuer: str) -> tuple[str, str]:
    """Where the issuer's metadata may be: by OpenID Connect Discovery, section 4, then by RFC 8414, section 3."""
    url = urlsplit(issuer)
    path = url.path.rstrip("/")
    openid = urlunsplit((url.scheme, url.netloc, path + OPENID, "", ""))
    return openid, urlunsplit((url.scheme, url.netloc, OAUTH + path, "", ""))


class Discovery:
    """Finds the address of a key set. A ``jwks_url`` in the settings is used as it is. Else the metadata is fetched,
    again after an hour, and when the key set could not be fetched. While that fails, the address that was found before
    stays in use.
    """

    def __init__(self, settings: ResourceServerSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._found: str | None = None
        self._found_at = float("-inf")

    async def address(self, client: httpx.AsyncClient) -> str:
        """The key set's address. Raises FetchFailed or AuthenticationError when none was ever found."""
        if self._settings.jwks_url is not None:
            return self._settings.jwks_url
        if self._found is not None and self._clock.monotonic() - self._found_at < FRESH_SECONDS:
            return self._found
        try:
            self._found = await self._ask(client)
            self._found_at = self._clock.monotonic()
        except (FetchFailed, AuthenticationError) as error:
            if self._found is None:
                raise
            logger.warning(
                "issuer metadata not fetched; the key set's former address stays in use: %s",
                error,
                extra={"issuer": self._settings.issuer},
            )
        return self._found

    def doubt(self) -> None:
        """Fetch the metadata again before the next fetch: the key set was not at its address."""
        self._found_at = float("-inf")

    async def _ask(self, client: httpx.AsyncClient) -> str:
        seconds = self._settings.fetch_timeout
        openid, oauth = metadata_addresses(self._settings.issuer)
        try:
            async with asyncio.timeout(seconds):
                try:
                    answer = await fetch(client, openid, None, seconds)
                except FetchFailed as error:
                    if error.outcome != "status":
                        raise
                    answer = await fetch(client, oauth, None, seconds)
        except TimeoutError:
            raise FetchFailed("timeout", f"no issuer metadata within {seconds:g} s") from None
        except FetchFailed as error:
            raise FetchFailed(error.outcome, f"no issuer metadata at {openid} or {oauth}: {error}") from None
        return self._read(answer.body or b"")

    def _read(self, body: bytes) -> str:
        metadata = decode_json_object(body, "issuer metadata")
        issuer, address = metadata.get("issuer"), metadata.get("jwks_uri")
        if issuer != self._settings.issuer:
            found = repr(issuer)[:255]
            raise FetchFailed("metadata", f"the metadata is of the issuer {found}, not of {self._settings.issuer!r}")
        if type(address) is not str:
            raise FetchFailed("metadata", "the metadata is not usable: jwks_uri is missing or not a string")
        try:
            check_address("jwks_uri", address, "whoever alters the keys can mint tokens")
        except ValueError as error:
            raise FetchFailed("metadata", f"the metadata is not usable: {error}") from None
        if self._settings.issuer.startswith("https:") and not address.startswith("https:"):
            raise FetchFailed("metadata", "the metadata is not usable: jwks_uri must use https, as the issuer does")
        return address
