"""The feed over HTTP, for a resource server that must not reach the database.

The protocol. The client asks::

    GET <url>?after=<cursor>&wait=<seconds>&listener=<UUID> HTTP/1.1
    Authorization: Bearer <service credential>
    Accept: application/json
    If-None-Match: <ETag of the answer that gave the cursor>

``after`` is absent at first. A cursor is opaque: of at most 8,000 characters out of ``A-Z a-z 0-9 / : , . _ ~ -``.
With ``wait`` (a whole number, 0 to 30), the server holds back an answer that has nothing new for up to that long, and
answers at once when something is revoked. With ``listener``, the same for as long as this client runs, ``after`` a
complete answer says that all up to there is in force here; before the identity provider answers a sign-out, it waits
for those listeners that it has heard of within 10 seconds. The answer, 200 with ``Cache-Control: no-store`` and an
``ETag``::

    {"cursor": "...", "reset": false, "complete": true,
     "max_token_life": 2595600, "expected": 0, "missing_triggers": [], "schema_version": 3,
     "revocations": [{"sid": "...", "expires_at": 1797814979},
                     {"sub": "...", "min_ver": 3, "expires_at": 1797814979},
                     {"jti": "...", "effective_at": 1795222979, "expires_at": 1797814979}]}

- ``revocations``: at most 4,000. ``sid``, a session that has ended; ``sub`` with ``min_ver``, the lowest token version
  that is alive, at most 2^53 - 1; ``jti``, a token, at once or from ``effective_at`` on; ``client_id``, all tokens of a
  client; ``sub`` or ``iss`` with ``issued_before``, the tokens issued before that moment. A token that lacks the claim
  is not concerned. ``expires_at``: when the last token concerned has expired anyway. Moments are in epoch seconds. A
  client that does not know a kind is not ready until it does: it accepts no answer with such a row.
- ``complete``: false when more pages follow; ask for them at once with ``after=<cursor>``, ``wait`` has no effect on
  them. true: the client knows all that was committed when the first page of this run was asked for.
- ``reset``: true when ``after`` is absent, or can't be continued (a restored database, a fail-over, a crash): the full
  set begins with this answer and replaces what the client holds as soon as it is complete. It is false on the pages
  that follow.
- ``max_token_life``: for how many seconds a revocation is kept.
- ``expected``: with ``reset``, roughly how many revocations the full set has; else 0.
- ``missing_triggers``: triggers and functions of the feed that the identity provider's database lacks or that were
  altered. May be left out when it was not checked.
- ``schema_version``: of the feed in the identity provider's database. May be left out by servers of before version 2.

The header ``Revocation-Origin``, of any answer, names the database that it comes from, see ``resource_server.origin``.

304 without a body: nothing new after the cursor, up to a moment no earlier than the request. Only for an
``If-None-Match`` that names ``after``; the cursor and its ETag stay good. 410: like ``reset``, the client asks again
without ``after``. 401 and 403: the service credential is not accepted. Redirects are not followed.

The server passes the credential, ``listener`` and ``after`` to the SQL function ``revocation_acknowledge``. Every
answer is the output of ``revocation_page(after, 4000)``: its cursor, its flags, and its parallel arrays and ``others``
as ``revocations``. When it returns a complete page without reset and without rows, the server waits (LISTEN on the
``channels`` of the page, or the time-out), asks again, and answers 304 if there is still nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from resource_server.addresses import check_address
from resource_server.caching import usable_etag
from resource_server.clients import new_client
from resource_server.origin import origins_in
from resource_server.revocation.feed import RevocationFeed
from resource_server.revocation.listener import Listener
from resource_server.revocation.page import FeedError, Page
from resource_server.revocation.rows import Columns, MalformedRevocations, UnknownKind, add_rows, is_count, no_rows
from resource_server.timing import boot_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

MAX_BODY: Final = 2_000_000
MAX_CURSOR: Final = 8_000
MAX_EXPECTED: Final = 100_000_000
MAX_LIFE: Final = 2**32 - 1
MAX_WAIT: Final = 30


class HttpRevocationFeed(RevocationFeed):
    """Follows the feed that an identity provider serves at ``url``; the protocol is in this module's docstring.

    ``url`` must be https, except on loopback; anything else raises ValueError. ``token`` is the service credential.
    ``timeout``: for one answer, in seconds, apart from what the server was asked to wait. A ``heartbeat`` below one
    second is taken as one, the shortest wait of the protocol. A ``client`` that is passed in stays open.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        client: httpx.AsyncClient | None = None,
        heartbeat: float = 5.0,
        timeout: float = 5.0,
        backoff: float = 5.0,
        clock: Callable[[], float] = boot_time,
    ) -> None:
        transport = HttpTransport(url, token, client=client, timeout=timeout, clock=clock)
        super().__init__(transport, heartbeat=heartbeat, backoff=backoff, clock=clock)


class HttpTransport:
    """See HttpRevocationFeed."""

    name = "http"

    def __init__(
        self, url: str, token: str, *, client: httpx.AsyncClient | None, timeout: float, clock: Callable[[], float]
    ) -> None:
        check_address("the feed's address", url, "whoever alters the answers can hide revocations")
        self._url = url
        self._token = token
        self._given_client = client
        self._client = client
        self._timeout = timeout
        self._clock = clock
        self._listener = Listener()
        self._has_waited = False
        self._etag: str | None = None
        self._last: Page | None = None

    async def open(self) -> None:
        if self._client is None:
            self._client = new_client()

    async def close(self) -> None:
        client, self._client = self._client, self._given_client
        if client is not None and client is not self._given_client:
            await client.aclose()

    async def fetch(self, cursor: str | None, wait: float, wake: asyncio.Event) -> Page:
        # The server waits whole seconds: what is left of ``wait`` after that is dropped, and a shorter one is a second.
        if wait <= 0 or (wait < 1 and self._has_waited) or wake.is_set():
            self._has_waited = False
            wake.clear()
            return await self._ask(cursor, 0)
        asking = asyncio.ensure_future(self._ask(cursor, min(max(1, int(wait)), MAX_WAIT)))
        waking = asyncio.ensure_future(wake.wait())
        try:
            await asyncio.wait({asking, waking}, return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                self._has_waited = True
                return asking.result()
        finally:
            for task in (asking, waking):
                task.cancel()
            await asyncio.wait({asking, waking})
        wake.clear()
        return await self._ask(cursor, 0)

    async def _ask(self, cursor: str | None, wait: int) -> Page:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        query = {"wait": str(wait), "listener": str(self._listener.id)}
        known = self._last if self._last is not None and self._last.cursor == cursor else None
        if cursor is not None:
            query["after"] = cursor
        if known is not None and self._etag is not None:
            headers["If-None-Match"] = self._etag
        asked_at = self._clock()
        status, etag, origins, body = await self._get(query, headers, self._timeout + wait)
        if status == HTTPStatus.GONE and cursor is not None:
            return await self._ask(None, 0)
        if status == HTTPStatus.NOT_MODIFIED and known is not None:
            return Page(
                asked_at=asked_at,
                cursor=known.cursor,
                reset=False,
                complete=True,
                max_token_life=known.max_token_life,
                origins=origins,
            )
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise FeedError("forbidden")
        if status != HTTPStatus.OK:
            raise FeedError("refused")
        page = replace(parse_page(body, asked_at), origins=origins)
        self._last, self._etag = page, etag
        return page

    async def _get(
        self, query: dict[str, str], headers: dict[str, str], seconds: float
    ) -> tuple[int, str | None, tuple[str, ...], bytes]:
        if self._client is None:
            raise FeedError("connection_failed")
        body = bytearray()
        with _feed_errors():
            async with (
                asyncio.timeout(seconds),
                self._client.stream(
                    "GET", self._url, params=query, headers=headers, timeout=seconds, follow_redirects=False
                ) as answer,
            ):
                if answer.headers.get("content-encoding", "identity").lower() != "identity":
                    raise FeedError("malformed")  # what it would be decompressed to is not bounded
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_BODY:
                        raise FeedError("malformed")
        etag = usable_etag(answer.headers.get("etag"))
        return answer.status_code, etag, origins_in(answer.headers), bytes(body)


def parse_page(body: bytes, asked_at: float) -> Page:
    """The page in an answer's body. Anything but the protocol's shape raises FeedError("malformed")."""
    try:
        answer: Any = json.loads(body)
        if type(answer) is not dict:
            raise MalformedRevocations("not an object")
        columns = no_rows()
        add_rows(answer["revocations"], columns)
        page = _page(answer, columns, asked_at)
    except UnknownKind as error:
        raise FeedError("unknown_kind") from error
    except (KeyError, ValueError, RecursionError) as error:
        raise FeedError("malformed") from error
    if not _is_page(page):
        raise FeedError("malformed")
    return page


def _page(answer: dict[str, Any], columns: Columns, asked_at: float) -> Page:
    missing = answer.get("missing_triggers")
    return Page(
        asked_at=asked_at,
        cursor=answer["cursor"],
        reset=answer["reset"],
        complete=answer["complete"],
        max_token_life=answer["max_token_life"],
        expected=answer.get("expected", 0),
        missing_triggers=tuple(missing) if type(missing) is list else missing,
        schema_version=answer.get("schema_version"),
        **columns,
    )


def _is_page(page: Page) -> bool:
    missing = page.missing_triggers
    return (
        type(page.cursor) is str
        and 0 < len(page.cursor) <= MAX_CURSOR
        and type(page.reset) is bool
        and type(page.complete) is bool
        and is_count(page.max_token_life, MAX_LIFE)
        and page.max_token_life > 0
        and is_count(page.expected, MAX_EXPECTED)
        and (page.schema_version is None or is_count(page.schema_version, MAX_EXPECTED))
        and (missing is None or (type(missing) is tuple and all(type(name) is str for name in missing)))
    )


@contextlib.contextmanager
def _feed_errors() -> Iterator[None]:
    import httpx  # noqa: PLC0415  not before it is needed, see resource_server.clients

    try:
        yield
    except (TimeoutError, httpx.TimeoutException) as error:
        raise FeedError("timeout") from error
    except httpx.HTTPError as error:
        raise FeedError("connection_failed") from error
