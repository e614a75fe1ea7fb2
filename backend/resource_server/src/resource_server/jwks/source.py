"""One fetch of the issuer's JWK Set over HTTP, bounded in time and size."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import httpx

from resource_server.announced import NOTHING_ANNOUNCED, Announcement, announced_in
from resource_server.caching import max_age, usable_etag
from resource_server.origin import origins_in

_MAX_OCTETS: Final = 262_144


class FetchFailed(Exception):
    """The key set could not be fetched. ``outcome`` is a short name for the metrics; the message is for the log."""

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Answer:
    """The body (None: not modified since the ETag that was sent), and how long it says that it stays fresh.
    ``origins``: the names of the issuer's database. ``announced``: what it says about its tokens.
    """

    body: bytes | None
    etag: str | None
    max_age: float | None
    origins: tuple[str, ...] = ()
    announced: Announcement = NOTHING_ANNOUNCED


async def _read(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchFailed("content_encoding", "the answer is compressed, though that was not asked for")
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_OCTETS:
            raise FetchFailed("too_large", f"the answer has more than {_MAX_OCTETS} octets")
    return bytes(body)


async def fetch(client: httpx.AsyncClient, url: str, etag: str | None, seconds: float) -> Answer:
    """Fetch the key set within ``timeout`` seconds in all, following no redirect; raises FetchFailed."""
    import httpx  # noqa: PLC0415  not before the first fetch, see resource_server.clients

    headers = {"Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"}
    if etag is not None:
        headers["If-None-Match"] = etag
    try:
        async with (
            asyncio.timeout(seconds),
            client.stream("GET", url, headers=headers, follow_redirects=False, timeout=seconds) as response,
        ):
            received = response.headers
            origins, announced = origins_in(received), announced_in(received, time.time())
            if response.status_code == HTTPStatus.NOT_MODIFIED and etag is not None:
                return Answer(None, etag, max_age(received), origins, announced)
            if response.status_code != HTTPStatus.OK:
                raise FetchFailed("status", f"the answer has status {response.status_code}")
            return Answer(
                await _read(response), usable_etag(received.get("etag")), max_age(received), origins, announced
            )
    except (TimeoutError, httpx.TimeoutException):
        raise FetchFailed("timeout", f"no whole answer within {seconds:g} s") from None
    except httpx.HTTPError as error:
        raise FetchFailed("connection", f"{type(error).__name__}: {error}") from None
