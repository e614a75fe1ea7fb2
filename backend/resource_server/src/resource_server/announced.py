"""What an issuer says about its tokens when it serves its key set, for resource servers to compare with their settings.

An identity provider may name the ``iss``, ``aud`` and ``alg`` of the tokens that it issues in the headers
``Token-Issuer``, ``Token-Audience`` and ``Token-Algorithm`` of its key set. These headers change nothing: a token is
judged by the settings alone. They show a wrong setting before the first token fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

_TEXT: Final = re.compile(r"[!-~]{1,1024}")
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Announcement:
    """None stands for what the issuer does not say.

    ``clock_offset``: seconds that its clock is ahead of this machine's, to about a second.
    """

    issuer: str | None = None
    audience: str | None = None
    algorithm: str | None = None
    clock_offset: float | None = None


NOTHING_ANNOUNCED: Final = Announcement()


def announced_in(headers: Mapping[str, str], now: float) -> Announcement:
    """What a response that arrived at ``now`` (epoch seconds) says; a malformed header counts as absent."""
    return Announcement(
        _text(headers, "token-issuer"),
        _text(headers, "token-audience"),
        _text(headers, "token-algorithm"),
        clock_offset(headers, now),
    )


def clock_offset(headers: Mapping[str, str], now: float) -> float | None:
    """By how many seconds the clock of the server that made a response is ahead; a cache in between adds ``Age`` (RFC
    9111)."""
    try:
        made_at = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        return None
    age = headers.get("age", "0")
    return made_at + (int(age) if _SECONDS.fullmatch(age) else 0) - now


def _text(headers: Mapping[str, str], name: str) -> str | None:
    value = headers.get(name, "")
    return value if _TEXT.fullmatch(value) else None
