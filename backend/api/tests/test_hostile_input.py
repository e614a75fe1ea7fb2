"""Whatever a stranger sends, the answer is a refusal with a code or what was asked for; never a failure of ours."""

import json
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

import httpx
import pytest
import respx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notes_api.application import Service
from notes_api.generated.permissions import SCOPES
from notes_api.identity.headers import client_address, to_identity_provider
from notes_api.notes.paging import EPOCH, Cursor
from notes_api.serving.protocol import BoundedProtocol
from resource_server.testing.issuer import FakeIssuer
from tests.fixtures.service import running
from tests.fixtures.serving import connection, served, status_of, until_closed

FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
few = settings(max_examples=60, deadline=None, suppress_health_check=FIXTURES)
many = settings(max_examples=3000, deadline=None, suppress_health_check=FIXTURES)

METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY"])
SEGMENTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PATHS = st.one_of(
    st.sampled_from(["/api/me", "/api/notes", "/healthz", "/readyz", "/metrics", "/api/auth/sign-up", "/docs", "/"]),
    st.builds("/api/notes/{}".format, st.one_of(st.uuids().map(str), SEGMENTS)),
    st.builds("/api/auth/{}".format, SEGMENTS),
    st.lists(SEGMENTS, max_size=4).map(lambda segments: "/" + "/".join(segments)),
)
VALUES = st.binary(max_size=200).map(lambda value: value.translate(None, b"\r\n\0"))
NAMES = st.sampled_from(
    [
        *(b"authorization", b"content-type", b"content-encoding", b"cookie", b"accept", b"range", b"origin", b"expect"),
        *(b"x-request-id", b"x-forwarded-for", b"forwarded", b"idempotency-key", b"if-none-match", b"connection"),
    ]
)
QUERIES = st.one_of(
    st.binary(max_size=80),
    st.tuples(st.binary(max_size=12), st.binary(max_size=48)).map(lambda given: b"limit=%b&cursor=%b" % given),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=50))
NOTES = st.dictionaries(
    st.sampled_from(["title", "body", "version", "id", "owner_id", "more"]),
    st.one_of(SCALARS, st.lists(SCALARS, max_size=3)),
    max_size=5,
)
BODIES = st.one_of(
    st.binary(max_size=300),
    NOTES.map(lambda note: json.dumps(note).encode()),
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3)).map(lambda value: json.dumps(value).encode()),
    st.integers(1, 60_000).map(lambda depth: b"[" * depth),
    st.integers(1, 60_000).map(lambda depth: b'{"title":' * depth),
)
TYPES = st.sampled_from(
    [b"application/json", b"application/json; charset=utf-16", b"text/plain", b"", b"application/x+json"]
)


@pytest.fixture
async def stranger(
    app: Service, issuer: FakeIssuer, identity_provider: respx.MockRouter
) -> AsyncIterator[httpx.AsyncClient]:
    identity_provider.route().respond(200, json={})
    async with running(app) as client:
        assert (await client.get("/api/me", headers={"Authorization": f"Bearer {issuer.token()}"})).status_code == 200
        yield client


class Sent(NamedTuple):
    """A request as a stranger makes it up."""

    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


REQUESTS = st.builds(Sent, METHODS, PATHS, QUERIES, st.lists(st.tuples(NAMES, VALUES), max_size=5), BODIES)


async def is_answered(client: httpx.AsyncClient, sent: Sent) -> None:
    target = f"{quote(sent.path)}?{quote(sent.query, safe='=&+')}"
    answer = await client.request(sent.method, target, headers=sent.headers, content=sent.body)
    if answer.status_code >= 500:
        assert (answer.status_code, answer.json()["code"]) == (503, "keys_unavailable"), answer.text
    elif answer.status_code >= 400 and sent.method != "HEAD":
        assert isinstance(answer.json()["code"], str)


@given(REQUESTS)
@few
async def test_a_strangers_request_is_answered(stranger: httpx.AsyncClient, sent: Sent) -> None:
    await is_answered(stranger, sent)


@pytest.mark.long
@given(REQUESTS)
@many
async def test_three_thousand_requests_of_a_stranger_are_answered(stranger: httpx.AsyncClient, sent: Sent) -> None:
    await is_answered(stranger, sent)


@given(REQUESTS, TYPES)
@few
async def test_a_users_request_is_answered(
    stranger: httpx.AsyncClient, issuer: FakeIssuer, sent: Sent, media_type: bytes
) -> None:
    token = issuer.token(scopes=SCOPES).encode()
    headers = [(b"authorization", b"Bearer " + token), (b"content-type", media_type)]
    for path in ("/api/notes", "/api/notes/00000000-0000-4000-8000-000000000000"):
        await is_answered(stranger, sent._replace(path=path, headers=headers))


@given(st.text(max_size=64))
def test_a_cursor_is_one_or_is_refused(text: str) -> None:
    try:
        cursor = Cursor.decode(text)
    except ValueError:
        return
    assert Cursor.decode(cursor.encode()) == cursor


@given(st.datetimes(EPOCH.replace(tzinfo=None), timezones=st.just(UTC)), st.uuids())
def test_a_cursor_says_what_was_put_into_it(time: datetime, note: uuid.UUID) -> None:
    assert Cursor.decode(Cursor(time, note).encode()) == (time, note)


@given(st.one_of(st.none(), st.text(max_size=40)), st.lists(st.text(max_size=60), max_size=4))
def test_any_forwarded_address_is_read_or_dropped(peer: str | None, forwarded: list[str]) -> None:
    address = client_address(peer, forwarded, ())
    assert address is None or address == peer or peer is None


@given(st.lists(st.tuples(st.binary(max_size=20), VALUES), max_size=8))
def test_any_header_field_is_passed_on_or_dropped(headers: list[tuple[bytes, bytes]]) -> None:
    passed = to_identity_provider(headers, "203.0.113.9", "id", "x-client-ip")
    assert [value for name, value in passed if name == b"x-client-ip"] == [b"203.0.113.9"]


class Hasty(BoundedProtocol):
    head_seconds = 0.2
    body_seconds = 0.2
    interval = 0.05


@pytest.fixture
def socket_of(app: Service) -> Iterator[Callable[[bytes], bytes]]:
    """Sends bytes to the application on a real uvicorn, and reads until the end."""
    with served(app, Hasty) as address:

        def ask(data: bytes) -> bytes:
            with connection(address) as connected:
                try:
                    connected.sendall(data)
                    connected.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
                return until_closed(connected)

        yield ask


PIECES = st.sampled_from(
    [
        *(b"GET ", b"POST ", b"/ ", b"/healthz ", b"* ", b"http://a:b/ ", b"HTTP/1.1\r\n", b"HTTP/1.0\r\n", b"\r\n"),
        *(b"Host: a\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n"),
        *(
            b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
            b"Expect: 100-continue\r\n",
            b"5\r\nabcde\r\n",
            b"0\r\n\r\n",
        ),
        *(b"zz\r\n", b"X:\x00\r\n", b": a\r\n", b"Connection: close\r\n", b"CONNECT a:1 HTTP/1.1\r\n", b"\xff\xfe"),
    ]
)


@given(st.lists(st.one_of(PIECES, st.binary(max_size=30)), min_size=1, max_size=12))
@few
def test_any_bytes_are_a_request_or_are_refused(socket_of: Callable[[bytes], bytes], pieces: list[bytes]) -> None:
    answer = socket_of(b"".join(pieces))
    if answer:
        assert 100 <= status_of(answer) < 500, (pieces, answer)
