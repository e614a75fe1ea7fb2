"""The relay to the identity provider: bounded in time and size. It never repeats a request that may have been carried
out.

A 503 means that nothing was done. A request that may have been carried out, but whose answer is lost, is 504
`outcome_unknown`.
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
"""Concurrent requests. The identity provider decides how many it admits, not this relay."""
QUEUE_SECONDS = 2.0
CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 30.0
"""Longer than the identity provider's longest answer, which has a bound of its own."""
BACKOFF_SECONDS = (0.1, 0.2, 0.4)
RESPONSE_LIMIT = 1024 * 1024
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Safe methods (RFC 9110, section 9.2.1): they change nothing."""

log = structlog.stdlib.get_logger(__name__)
OUTCOMES = Counter("identity_relay_requests", "Requests relayed to the identity provider.", ["outcome"])


class AnswerTooLargeError(Exception):
    """The identity provider's answer is over RESPONSE_LIMIT."""


class Answer(NamedTuple):
    """The identity provider's answer; the body is still in its content coding."""

    status: int
    headers: Headers
    body: bytes


class Relay:
    """Sends requests to one identity provider. Its answers are passed on unchanged."""

    def __init__(self, identity_provider: str, tls: ssl.SSLContext) -> None:
        self.identity_provider = httpx.URL(identity_provider)
        # If a reused connection is lost during a request, it is unknown whether the request was carried out.
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
        """Repeats only requests that were never sent, because no connection was made."""
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
    """The problem for a request that was sent and got no answer."""
    return refusal("identity_provider_unavailable" if method in SAFE_METHODS else "outcome_unknown", reason)


def refusal(code: ErrorCode, reason: str) -> Problem:
    OUTCOMES.labels(code).inc()
    log.warning("request_not_relayed", code=code, reason=reason)
    return Problem(code)
