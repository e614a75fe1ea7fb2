"""Revocations as JSON, as they come over HTTP, in notifications, and in the column ``others`` of a page."""

from typing import Any, Final, TypedDict

from resource_server.revocation.kinds import Kind, Revocation

MAX_VERSION: Final = 2**53 - 1
MAX_EXPIRY: Final = 2**32 - 1


class MalformedRevocations(ValueError):
    """The JSON is not a list of revocations."""


class UnknownKind(MalformedRevocations):
    """A revocation of a kind that this version of the library does not know. It must not be ignored."""


class Columns(TypedDict):
    """The parts of a Page that list revocations."""

    sids: list[str]
    sid_expires: list[int]
    subs: list[str]
    sub_min_vers: list[int]
    sub_expires: list[int]
    others: list[Revocation]


def no_rows() -> Columns:
    """Columns without a row."""
    return Columns(sids=[], sid_expires=[], subs=[], sub_min_vers=[], sub_expires=[], others=[])


def rows_in(columns: Columns) -> int:
    """How many revocations they list."""
    return len(columns["sids"]) + len(columns["subs"]) + len(columns["others"])


def is_count(value: object, most: int) -> bool:
    """Whether this is a whole number from 0 to ``most``."""
    return type(value) is int and 0 <= value <= most


def add_rows(rows: object, columns: Columns) -> None:
    """Add a decoded JSON list to the columns. Raises MalformedRevocations, and then adds nothing.

    A row is ``{"sid"}``, a session that has ended; ``{"sub", "min_ver"}``, the lowest version of the subject's tokens
    that is accepted; ``{"jti"}``, a token, at once or from ``effective_at`` on; ``{"client_id"}``, all tokens of a
    client; ``{"sub", "issued_before"}`` or ``{"iss", "issued_before"}``, the tokens issued before that time. Each has
    ``expires_at``: when the last token concerned has expired. Moments are in epoch seconds. Other members are ignored.
    A row of another kind: UnknownKind.
    """
    if type(rows) is not list:
        raise MalformedRevocations("not a list")
    read = no_rows()
    for row in rows:
        _add_row(row, read)
    columns["sids"] += read["sids"]
    columns["sid_expires"] += read["sid_expires"]
    columns["subs"] += read["subs"]
    columns["sub_min_vers"] += read["sub_min_vers"]
    columns["sub_expires"] += read["sub_expires"]
    columns["others"] += read["others"]


def _add_row(row: object, columns: Columns) -> None:
    if not isinstance(row, dict) or not is_count(row.get("expires_at"), MAX_EXPIRY):
        raise MalformedRevocations("a row has no expires_at")
    session, subject = row.get("sid"), row.get("sub")
    if type(session) is str:
        columns["sids"].append(session)
        columns["sid_expires"].append(row["expires_at"])
    elif type(subject) is str and is_count(row.get("min_ver"), MAX_VERSION):
        columns["subs"].append(subject)
        columns["sub_min_vers"].append(row["min_ver"])
        columns["sub_expires"].append(row["expires_at"])
    else:
        columns["others"].append(_other(row))


def _other(row: dict[str, Any]) -> Revocation:
    before = row.get("issued_before")
    for kind in Kind:
        name = row.get(kind)
        if type(name) is not str:
            continue
        if kind is Kind.JWT_ID:
            effective_at = row.get("effective_at", 0)
            if not is_count(effective_at, MAX_EXPIRY):
                raise MalformedRevocations("effective_at is no moment")
            return Revocation(kind, name, row["expires_at"], effective_at=effective_at)
        if kind is Kind.CLIENT:
            return Revocation(kind, name, row["expires_at"])
        if type(before) is int and is_count(before, MAX_EXPIRY):
            return Revocation(kind, name, row["expires_at"], before)
    if any(name in row for name in ("sid", *Kind)):
        raise MalformedRevocations("a row lacks a member, or has one of a wrong type")
    raise UnknownKind("a row is of no kind that is known")
