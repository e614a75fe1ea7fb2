"""Revocations as JSON, as they come over HTTP and in notifications."""

from collections.abc import Iterable
from typing import Annotated, Final, TypedDict

from pydantic import BaseModel, Field

MAX_VERSION: Final = 2**31 - 1
MAX_EXPIRY: Final = 2**32 - 1


class EndedSession(BaseModel, strict=True):
    """``expires_at`` in epoch seconds: when the last token concerned is dead anyway."""

    sid: str
    expires_at: Annotated[int, Field(ge=0, le=MAX_EXPIRY)]


class RaisedVersion(BaseModel, strict=True):
    """``min_ver``: the lowest version of the user's tokens that is alive."""

    sub: str
    min_ver: Annotated[int, Field(ge=0, le=MAX_VERSION)]
    expires_at: Annotated[int, Field(ge=0, le=MAX_EXPIRY)]


Revocation = EndedSession | RaisedVersion


class Columns(TypedDict):
    """The parts of a Page that list revocations."""

    sids: list[str]
    sid_expires: list[int]
    subs: list[str]
    sub_min_vers: list[int]
    sub_expires: list[int]


def columns(revocations: Iterable[Revocation]) -> Columns:
    sessions: list[EndedSession] = []
    users: list[RaisedVersion] = []
    for row in revocations:
        if isinstance(row, EndedSession):
            sessions.append(row)
        else:
            users.append(row)
    return Columns(
        sids=[row.sid for row in sessions],
        sid_expires=[row.expires_at for row in sessions],
        subs=[row.sub for row in users],
        sub_min_vers=[row.min_ver for row in users],
        sub_expires=[row.expires_at for row in users],
    )
