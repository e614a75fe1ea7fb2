"""The messages over NATS: pages and snapshots in the stream, questions, and answers. See docs/nats.md."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from resource_server.revocation.kinds import Kind, Revocation
from resource_server.revocation.page import FeedError, Page
from resource_server.revocation.rows import Columns, MalformedRevocations, UnknownKind, add_rows, no_rows

PROTOCOL: Final = 1
MOST: Final = 2**63 - 1
MAX_LIFE: Final = 2**32 - 1
MAX_NAME: Final = 64
NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_PAUSE: Final = 10.0
MAX_ROWS_OCTETS: Final = 400_000
"""Of one message; NATS takes a million octets unless configured otherwise."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """The subjects of one feed, and the name of its stream."""

    stream: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.stream):
            raise ValueError("the name of a stream has only letters, digits, _ and -, at most 64 of them")

    @property
    def pages(self) -> str:
        """Where changes are published, and stored."""
        return f"{self.stream}.pages"

    @property
    def snapshot(self) -> str:
        """Where the full set is published and stored. Nobody subscribes to it: it is read from the stream."""
        return f"{self.stream}.snapshot"

    @property
    def questions(self) -> str:
        """Where servers ask, and acknowledge."""
        return f"{self.stream}.questions"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The full set: the messages from sequence ``first`` to ``last``, then the pages after ``position``."""

    first: int
    last: int
    position: int
    rows: int

    @classmethod
    def read(cls, value: object) -> "Snapshot":
        """From decoded JSON; raises ValueError for anything else."""
        if not isinstance(value, dict):
            raise MalformedRevocations("not a snapshot")
        return cls(_count(value["first"]), _count(value["last"]), _count(value["position"]), _count(value["rows"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A page, or a part of a snapshot. Only pages have ``after`` and the fields below it.

    ``sequence``: in the stream. ``after``: the sequence of the page before. ``snapshot``: the latest.
    ``reset``: that snapshot replaces everything before it. ``cursor``: from which publishers continue in the database.
    """

    stream: str
    term: int
    sequence: int
    rows: Columns = field(default_factory=no_rows)
    after: int = 0
    snapshot: Snapshot | None = None
    reset: bool = False
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The publisher's answer: everything that was committed before the question is in the stream up to ``position``."""

    stream: str
    term: int
    position: int
    snapshot: Snapshot
    max_token_life: int
    schema_version: int | None
    missing_triggers: tuple[str, ...] | None
    origins: tuple[str, ...]
    pause: float


@dataclass(frozen=True, slots=True)
class Question:
    """A server's question. ``position``: up to which everything is in force on it; None while it loads.

    ``nonce``: for the answer.
    """

    listener: str
    stream: str | None
    position: int | None
    nonce: str | None

    def write(self) -> bytes:
        """As JSON."""
        # Without asdict, which takes longer than the rest: each server sends one for each revocation.
        content = {
            "listener": self.listener,
            "stream": self.stream,
            "position": self.position,
            "nonce": self.nonce,
        }
        return json.dumps(content).encode()


def rows_of(page: Page) -> Iterator[dict[str, Any]]:
    """The revocations of a page as JSON objects, as ``rows.add_rows`` reads them."""
    for session, expiry in zip(page.sids, page.sid_expires, strict=True):
        yield {"sid": session, "expires_at": expiry}
    for subject, version, expiry in zip(page.subs, page.sub_min_vers, page.sub_expires, strict=True):
        yield {"sub": subject, "min_ver": version, "expires_at": expiry}
    yield from map(_other, page.others)


def _other(item: Revocation) -> dict[str, Any]:
    row: dict[str, Any] = {item.kind.value: item.name, "expires_at": item.expires_at}
    if item.kind in {Kind.SUBJECT, Kind.ISSUER}:
        row["issued_before"] = item.before
    elif item.effective_at:
        row["effective_at"] = item.effective_at
    return row


def in_parts(page: Page) -> Iterator[tuple[str, int, bool]]:
    """The page's rows as JSON lists that fit into a message, how many each has, and whether it is the last one."""
    part: list[str] = []
    octets = 0
    for row in rows_of(page):
        text = json.dumps(row)
        if part and octets + len(text) > MAX_ROWS_OCTETS:
            yield f"[{','.join(part)}]", len(part), False
            part, octets = [], 0
        part.append(text)
        octets += len(text) + 1
    yield f"[{','.join(part)}]", len(part), True


def write(fields: dict[str, Any], rows: str | None = None) -> bytes:
    """A message as JSON; ``rows`` is JSON already."""
    text = json.dumps({"protocol": PROTOCOL, **fields})
    return (text if rows is None else f'{text[:-1]}, "rows": {rows}}}').encode()


def read_message(data: bytes | None) -> Message:
    """A page, or a part of a snapshot. Failures: FeedError("malformed") or ("unknown_kind")."""
    try:
        content = _content(data)
        rows = no_rows()
        add_rows(content["rows"], rows)
        snapshot = content.get("snapshot")
        cursor = content.get("cursor")
        if cursor is not None and type(cursor) is not str:
            raise MalformedRevocations("no cursor")
        return Message(
            stream=_name(content["stream"]),
            term=_count(content["term"]),
            sequence=_count(content["sequence"]),
            rows=rows,
            after=_count(content.get("after", 0)),
            snapshot=None if snapshot is None else Snapshot.read(snapshot),
            reset=content.get("reset") is True,
            cursor=cursor,
        )
    except UnknownKind as error:
        raise FeedError("unknown_kind") from error
    except (KeyError, ValueError, RecursionError) as error:
        raise FeedError("malformed") from error


def read_answer(data: bytes) -> tuple[str, Answer]:
    """The nonce and the answer. Failures: FeedError("malformed") or ("unknown_kind")."""
    try:
        content = _content(data)
        version = content.get("schema_version")
        pause = content["pause"]
        if type(pause) not in {int, float} or not 0 <= pause <= MAX_PAUSE:
            raise MalformedRevocations("no pause")
        return _name(content["nonce"]), Answer(
            stream=_name(content["stream"]),
            term=_count(content["term"]),
            position=_count(content["position"]),
            snapshot=Snapshot.read(content["snapshot"]),
            max_token_life=_count(content["max_token_life"], MAX_LIFE),
            schema_version=None if version is None else _count(version),
            missing_triggers=_names(content.get("missing_triggers")),
            origins=_names(content.get("origins")) or (),
            pause=float(pause),
        )
    except UnknownKind as error:
        raise FeedError("unknown_kind") from error
    except (KeyError, ValueError, RecursionError) as error:
        raise FeedError("malformed") from error


def read_question(data: bytes) -> Question | None:
    """None when the data is not a question."""
    try:
        content = json.loads(data)
        position, stream, nonce = content["position"], content["stream"], content.get("nonce")
        return Question(
            _name(content["listener"]),
            None if stream is None else _name(stream),
            None if position is None else _count(position),
            None if nonce is None else _name(nonce),
        )
    except (KeyError, TypeError, ValueError, RecursionError):
        return None


def _content(data: bytes | None) -> dict[str, Any]:
    content = json.loads(data or b"null")
    if not isinstance(content, dict):
        raise MalformedRevocations("not an object")
    if content.get("protocol") != PROTOCOL:
        raise UnknownKind("a message of another version of the protocol")
    return content


def _count(value: object, most: int = MOST) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise MalformedRevocations("not a number")
    return value


def _name(value: object) -> str:
    if type(value) is not str or not 0 < len(value) <= MAX_NAME:
        raise MalformedRevocations("not a name")
    return value


def _names(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(type(item) is str for item in value):
        raise MalformedRevocations("not a list of names")
    return tuple(value)
