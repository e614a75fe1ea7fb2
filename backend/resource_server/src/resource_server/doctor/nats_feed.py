"""The revocation feed over NATS, as a resource server finds it: connection, stream, publisher."""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

from resource_server.doctor.finding import Finding, fault
from resource_server.names import VARIABLES, Names
from resource_server.revocation.nats.access import Connection, NatsAccess, access_from, nats_errors
from resource_server.revocation.nats.wire import Answer, Message, Question, Subjects, read_answer, read_message
from resource_server.revocation.page import SCHEMA_VERSION, FeedError

SUBJECT: Final = "Revocation feed over NATS"
SECONDS: Final = 5.0
ATTEMPTS: Final = 2
"""The publisher may be replaced between reading the stream and asking."""
NO_RESPONDERS: Final = "503"
PUBLISH: Final = "python -m resource_server publish"
PERMISSIONS: Final = "give the user the permissions that docs/nats.md of the library lists for a server"
UPGRADE: Final = "upgrade the older of the API and the publisher"


@dataclass
class FeedOverNats:
    """What was found. ``origins``: the database that the publisher reads, see ``resource_server.origin``."""

    findings: list[Finding] = field(default_factory=list)
    origins: tuple[str, ...] = ()


async def examine_nats_feed(values: Mapping[str, str], names: Names = VARIABLES) -> FeedOverNats:
    """Whether NATS can be reached as NATS_URL and the variables beside it say, and whether a publisher answers."""
    try:
        access = access_from(values)
        subjects = Subjects(values.get("NATS_STREAM") or "revocations")
    except ValueError as error:
        return FeedOverNats([fault(SUBJECT, "nats_setting", str(error), "correct it")])
    connection = Connection(access, SECONDS)
    try:
        try:
            await connection.open("doctor")
        except FeedError as error:
            return FeedOverNats([not_connected(error, connection.last_error, access)])
        return await _examine(connection, subjects, names)
    finally:
        await connection.close()


async def _examine(connection: Connection, subjects: Subjects, names: Names) -> FeedOverNats:
    attempts = ATTEMPTS
    while True:
        last = await _last_page(connection, subjects)
        if isinstance(last, Finding):
            return FeedOverNats([last])
        answer = await _ask(connection, subjects)
        if isinstance(answer, Finding):
            return FeedOverNats([answer])
        attempts -= 1
        if attempts == 0 or (answer.stream == last.stream and answer.term >= last.term):
            findings = list(judge(last, answer, subjects.stream, names))
            return FeedOverNats(findings or [Finding(f"{SUBJECT}: a publisher answers")], answer.origins)


async def _last_page(connection: Connection, subjects: Subjects) -> Message | Finding:
    try:
        with nats_errors(connection):
            reading = connection.jetstream.get_last_msg(subjects.stream, subjects.pages, direct=True)
            return read_message((await connection.call(reading)).data)
    except NotFoundError:
        return no_stream(subjects.stream)
    except FeedError as error:
        return unreadable(error, connection, subjects.stream)


async def _ask(connection: Connection, subjects: Subjects) -> Answer | Finding:
    """The publisher's answer. A question without a position does not make the doctor a server that follows."""
    nonce = uuid4().hex
    question = Question(uuid4().hex, None, None, nonce)
    heard: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()

    async def hear(message: Msg) -> None:
        if not heard.done():
            nobody = not message.data and (message.headers or {}).get("Status") == NO_RESPONDERS
            heard.set_result(None if nobody else message.data)

    try:
        with nats_errors(connection):
            client, inbox = connection.client, connection.client.new_inbox()
            await connection.call(client.subscribe(inbox, cb=hear))
            await client.publish(subjects.questions, question.write(), reply=inbox)
            async with asyncio.timeout(SECONDS):
                data = await heard
            return no_publisher(subjects.stream) if data is None else read_answer(data)[1]
    except FeedError as error:
        if error.code == "timeout":
            return no_publisher(subjects.stream)
        return unreadable(error, connection, subjects.stream)


def judge(last: Message, answer: Answer, stream: str, names: Names) -> Iterator[Finding]:
    """What does not fit together of the stream's last page and the publisher's answer, and what the database lacks."""
    if answer.stream != last.stream:
        problem = f"the stream {stream} has another identity than the publisher's: its data was lost or replaced"
        yield fault(SUBJECT, "nats_stream_replaced", problem, f"restart the publishers ({PUBLISH})")
    elif answer.term < last.term:
        problem = "a publisher answers that another one has replaced"
        yield fault(SUBJECT, "nats_publisher_replaced", problem, f"restart the publishers ({PUBLISH})")
    for name in answer.missing_triggers or ():
        yield fault(SUBJECT, "trigger_missing", f"{name} is dropped, disabled or altered", names.migrate)
    if (answer.schema_version or 1) < SCHEMA_VERSION:
        problem = f"the database has version {answer.schema_version or 1} of the feed; {SCHEMA_VERSION} is needed"
        yield fault(SUBJECT, "feed_outdated", problem, names.migrate)


def not_connected(error: FeedError, cause: Exception | None, access: NatsAccess) -> Finding:
    """Why there is no connection. ``cause``: what nats-py has reported last."""
    places = ", ".join(access.servers)
    if error.code == "forbidden":
        problem = f"{places} (NATS_URL) refuses the user or the password"
        remedy = "correct NATS_USER and NATS_PASSWORD, or the file in NATS_CREDENTIALS or NATS_NKEY_SEED"
        return fault(SUBJECT, "nats_credentials", problem, remedy)
    if isinstance(cause, ssl.SSLError):
        problem = f"no TLS connection to {places} (NATS_URL): {cause.reason or type(cause).__name__}"
        remedy = "let NATS_CA name the authority, and set handshake_first in the server's tls block"
        return fault(SUBJECT, "nats_tls", problem, remedy)
    problem = f"no connection to {places} (NATS_URL)"
    return fault(SUBJECT, "nats_unreachable", problem, "start NATS, or correct host and port of NATS_URL")


def unreadable(error: FeedError, connection: Connection, stream: str) -> Finding:
    """Why the stream or the publisher can't be asked."""
    if connection.denied or error.code == "forbidden":
        problem = f"NATS does not let this user read the stream {stream} or ask its publisher"
        return fault(SUBJECT, "nats_permission", problem, PERMISSIONS)
    if error.code == "unknown_kind":
        problem = "the publisher uses a version of the protocol, or a kind of revocation, that is not known here"
        return fault(SUBJECT, "nats_version", problem, UPGRADE)
    if error.code == "malformed":
        problem = f"what is in the stream {stream}, or answers for it, is not a publisher's"
        return fault(SUBJECT, "nats_malformed", problem, "let NATS_STREAM name the publisher's stream")
    if error.code in {"not_installed", "timeout"}:
        return no_stream(stream)
    problem = f"the connection ended ({error.code})"
    return fault(SUBJECT, "nats_unreachable", problem, "look at the log of NATS")


def no_stream(stream: str) -> Finding:
    problem = f"there is no stream {stream} (NATS_STREAM), or JetStream is off"
    remedy = f"start a publisher ({PUBLISH}) with the same NATS_STREAM, and NATS with JetStream on"
    return fault(SUBJECT, "nats_stream_missing", problem, remedy)


def no_publisher(stream: str) -> Finding:
    problem = f"no publisher answers for the stream {stream}: revocations do not reach the API, and its view gets stale"
    remedy = f"start {PUBLISH} with the same NATS_STREAM, or look at its log"
    return fault(SUBJECT, "nats_publisher_missing", problem, remedy)
