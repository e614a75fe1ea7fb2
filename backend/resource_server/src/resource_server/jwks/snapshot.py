"""The last good key set on disk, so that a restart does not depend on the issuer being up."""

import hashlib
import json
import math
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from resource_server.caching import usable_etag
from resource_server.verification.encoding import decode_json_object
from resource_server.verification.errors import AuthenticationError

_FORMAT: Final = 1
_MAX_OCTETS: Final = 1_048_576


class UnusableSnapshot(ValueError):
    """A snapshot that is ignored; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A key set as it was fetched, from where, and when it was last confirmed (seconds since the epoch)."""

    issuer: str
    jwks_url: str | None
    etag: str | None
    confirmed_at: float
    document: dict[str, Any]


def _checksum(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write(path: Path, snapshot: Snapshot) -> None:
    """Replace the file atomically; readable by its owner only. Raises OSError."""
    content = {
        "format": _FORMAT,
        "issuer": snapshot.issuer,
        "jwks_url": snapshot.jwks_url,
        "etag": snapshot.etag,
        "confirmed_at": snapshot.confirmed_at,
        "document": snapshot.document,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content | {"checksum": _checksum(content)}, file)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(path: Path, issuer: str, jwks_url: str | None) -> Snapshot:
    """Read a snapshot of this issuer; raises UnusableSnapshot, or OSError (FileNotFoundError when there is none)."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise UnusableSnapshot("others can write it")
        data = file.read(_MAX_OCTETS + 1)
    if len(data) > _MAX_OCTETS:
        raise UnusableSnapshot("it is too large")
    try:
        content = decode_json_object(data, "snapshot")
    except AuthenticationError as error:
        raise UnusableSnapshot(error.reason) from None
    checksum = content.pop("checksum", None)
    if checksum != _checksum(content) or content.get("format") != _FORMAT:
        raise UnusableSnapshot("it is damaged, or of another format")
    if content.get("issuer") != issuer or content.get("jwks_url") != jwks_url:
        raise UnusableSnapshot("it belongs to another issuer")
    confirmed_at, document = content.get("confirmed_at"), content.get("document")
    if not isinstance(confirmed_at, int | float) or not 0 <= confirmed_at < math.inf or type(document) is not dict:
        raise UnusableSnapshot("a member is missing or of a wrong type")
    return Snapshot(
        issuer=issuer,
        jwks_url=jwks_url,
        etag=usable_etag(content.get("etag")),
        confirmed_at=confirmed_at,
        document=document,
    )
