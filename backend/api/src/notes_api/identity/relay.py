"""The relay to the identity provider: bounded in time and size, and never asking twice what may have happened once.

A 503 means that nothing was done. What may have been carried out, its answer lost, is 504 `outcome_unknown`.
"""

import asyncio
import random
import ssl
from typing import NamedTuple, Self

import httpx
import structlog
from prometheus_client import Counter

from notes_api.generated.errors import ErrorCode
from notes_api.identity.headers import Headers, to_caller
from notes_api.problems import Problem
from notes_api.tracing import traced_transport

CONNECTIONS = 1000
"""At once: the identity provider decides how much it admits, not this queue before it."""
QUEUE_SECONDS = 2.0
CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 30.0
"""More than the identity provider takes for its longest answer, which has bounds of its own."""
BACKOFF_SECONDS = (0.1, 0.2, 0.4)
RESPONSE_LIMIT = 1024 * 1024
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Nothing is done by them (RFC 9110, section 9.2.1), whatever becomes of the answer."""

log = structlog.stdlib.get_logger(__name__)
OUTCOMES = Counter("identity_relay_requests", "Requests relayed to the identity provider.", ["outcome"])


class AnswerTooLargeError(Exception):
    """The identity provider's answer is over RESPONSE_LIMIT."""


class Answer(NamedTuple):
    """What the identity provider said, its body still in the content coding it was sent in."""

    status: int
    headers: Headers
    body: bytes


class Relay:
    """Sends requests to one identity provider. Its answers pass unchanged."""

    def __init__(self, identity_provider: str, tls: ssl.SSLContext) -> None:
        self.identity_provider = httpx.URL(identity_provider)
        # A kept connection that dies under a request leaves open whether the request was carried out.
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=0)
        self.transport = traced_transport(httpx.AsyncHTTPTransport(verify=tls, limits=limits, trust_env=False))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.transport.aclose()

    async def send(self, method: str, target: bytes, headers: Headers, body: bytes) -> Answer:
        """Relays one request; `target` is the raw path and query.

        Raises:
            Problem: `identity_provider_unavailable` or `overloaded`, nothing was done; `outcome_unknown`, it was sent
                and no whole and healthy answer came in time.
        """
        timeouts = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS, pool=QUEUE_SECONDS)
        request = httpx.Request(
            method,
            self.identity_provider.copy_with(raw_path=target),
            headers=headers,
            content=body or None,
            extensions={"timeout": timeouts.as_dict()},
        )
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                answer = await self.attempt(request)
        except httpx.PoolTimeout as error:
            raise refusal("overloaded", "queue") from error
        except NEVER_SENT as error:
            raise refusal("identity_provider_unavailable", type(error).__name__) from error
        except (TimeoutError, httpx.HTTPError, AnswerTooLargeError) as error:
            raise lost(method, type(error).__name__) from error
        if answer.status == 503 and not is_problem(answer.headers):
            raise refusal("identity_provider_unavailable", "status 503")
        if answer.status >= 500 and not is_problem(answer.headers):
            raise lost(method, f"status {answer.status}")
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
                    raise AnswerTooLargeError
            return Answer(response.status_code, to_caller(response.headers.raw), bytes(body))
        finally:
            await response.aclose()


def is_problem(headers: Headers) -> bool:
    return any(name == b"content-type" and value.startswith(b"application/problem+json") for name, value in headers)


def lost(method: str, reason: str) -> Problem:
    """What to say when a request was sent and its answer did not come."""
    return refusal("identity_provider_unavailable" if method in SAFE_METHODS else "outcome_unknown", reason)


def refusal(code: ErrorCode, reason: str) -> Problem:
    OUTCOMES.labels(code).inc()
    log.warning("request_not_relayed", code=code, reason=reason)
    return Problem(code)
