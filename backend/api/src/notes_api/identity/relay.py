"""The relay to the identity provider: bounded in time and size, and never asking twice what may have happened once."""

import asyncio
import random
import ssl
from typing import NamedTuple, Self

import httpx
import structlog
from prometheus_client import Counter

from notes_api.identity.headers import Headers, to_caller
from notes_api.problems import Problem

CONNECT_SECONDS = 1.0
TOTAL_SECONDS = 3.0
BACKOFF_SECONDS = (0.1, 0.2, 0.4)
RESPONSE_LIMIT = 1024 * 1024
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout)

log = structlog.stdlib.get_logger(__name__)
OUTCOMES = Counter("identity_relay_requests", "Requests relayed to the identity provider.", ["outcome"])


class Answer(NamedTuple):
    """What the identity provider said, its body still in the content coding it was sent in."""

    status: int
    headers: Headers
    body: bytes


class Relay:
    """Sends requests to one identity provider. Its answers pass unchanged; its absence is one 503."""

    def __init__(self, identity_provider: str, tls: ssl.SSLContext) -> None:
        self.identity_provider = httpx.URL(identity_provider)
        # A kept connection that dies under a request leaves open whether the request was carried out.
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
        self.transport = httpx.AsyncHTTPTransport(verify=tls, limits=limits, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.transport.aclose()

    async def send(self, method: str, target: bytes, headers: Headers, body: bytes) -> Answer:
        """Relays one request; `target` is the raw path and query.

        Raises:
            Problem: `identity_provider_unavailable`, whatever kept a whole and healthy answer from coming in time.
        """
        request = httpx.Request(
            method,
            self.identity_provider.copy_with(raw_path=target),
            headers=headers,
            content=body or None,
            extensions={"timeout": httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS).as_dict()},
        )
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                answer = await self.attempt(request)
        except (TimeoutError, httpx.HTTPError) as error:
            raise unavailable(type(error).__name__) from error
        if answer.status >= 500 and not is_problem(answer.headers):
            raise unavailable(f"status {answer.status}")
        OUTCOMES.labels("answered").inc()
        return answer

    async def attempt(self, request: httpx.Request) -> Answer:
        """Repeats only what never left: a connection that was refused or not made."""
        for pause in BACKOFF_SECONDS:
            try:
                return await self.exchange(request)
            except NEVER_SENT:
                await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311
        return await self.exchange(request)

    async def exchange(self, request: httpx.Request) -> Answer:
        response = await self.transport.handle_async_request(request)
        try:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > RESPONSE_LIMIT:
                    raise unavailable("answer too large")
            return Answer(response.status_code, to_caller(response.headers.raw), bytes(body))
        finally:
            await response.aclose()


def is_problem(headers: Headers) -> bool:
    return any(name == b"content-type" and value.startswith(b"application/problem+json") for name, value in headers)


def unavailable(reason: str) -> Problem:
    OUTCOMES.labels("unavailable").inc()
    log.warning("identity_provider_unavailable", reason=reason)
    return Problem("identity_provider_unavailable")
