"""The caching headers of a response (RFC 9110, RFC 9111), from a server that may send anything."""

import re
from collections.abc import Mapping
from typing import Final

_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age=\"?([0-9]{1,9})\"?(?:$|[,\s])", re.IGNORECASE)
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_ETAG: Final = re.compile(r'(?:W/)?"[!#-~]{0,255}"')  # RFC 9110, section 8.8.3, of ASCII
_UNCACHEABLE: Final = re.compile(r"(?:^|[,\s])(?:no-store|no-cache)(?:$|[,\s=])", re.IGNORECASE)


def max_age(headers: Mapping[str, str]) -> float | None:
    """How many seconds a response says that it stays fresh; None when it does not say."""
    control = headers.get("cache-control", "")
    if _UNCACHEABLE.search(control):
        return 0.0
    declared = _MAX_AGE.search(control)
    if declared is None:
        return None
    age = headers.get("age", "0")
    return max(0.0, float(declared[1]) - (float(age) if _SECONDS.fullmatch(age) else 0.0))


def usable_etag(value: object) -> str | None:
    """An entity tag that can be sent back unchanged; None for anything else."""
    return value if type(value) is str and _ETAG.fullmatch(value) else None
