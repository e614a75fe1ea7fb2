"""Revocations as JSON, as they come over HTTP and in notifications."""

from typing import Final, TypedDict

MAX_VERSION: Final = 2**53 - 1
MAX_EXPIRY: Final = 2**32 - 1


class MalformedRevocations(ValueError):
    """The JSON is not a list of revocations."""


class Columns(TypedDict):
    """The parts of a Page that list revocations."""

    sids: list[str]
    sid_expires: list[int]
    subs: list[str]
    sub_min_vers: list[int]
    sub_expires: list[int]


def no_rows() -> Columns:
    """Columns without a row."""
    return Columns(sids=[], sid_expires=[], subs=[], sub_min_vers=[], sub_expires=[])


def is_count(value: object, most: int) -> bool:
    """Whether this is a whole number from 0 to ``most``."""
    return type(value) is int and 0 <= value <= most


def add_rows(rows: object, columns: Columns) -> None:
    """Add a decoded JSON list to the columns. Raises MalformedRevocations, and then adds nothing.

    A row is ``{"sid", "expires_at"}``, a session that has ended, or ``{"sub", "min_ver", "expires_at"}``, the lowest
    version of the subject's tokens that is accepted. ``expires_at`` in epoch seconds: when the last token concerned
    has expired. Other members are ignored.
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
        raise MalformedRevocations("a row is neither a session nor a subject with its version")
