"""The address of the API's role that `make migrate` made, kept in `.data/` on the machine that made it."""

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlunsplit

from scripts import paths
from scripts.database_address import Misconfigured, parts_of, server_of

API_ROLE = "api"
NAME = "api-database-url-"


def api_url_beside(owner: str) -> str:
    """With the password that is known here for role `api` on the owner's server, else with a fresh one."""
    parts = parts_of(owner)
    password = next(known_passwords(owner), None) or secrets.token_urlsafe(24)
    return urlunsplit(parts._replace(netloc=f"{API_ROLE}:{password}@{parts.netloc.rpartition('@')[2]}"))


def known_passwords(owner: str) -> Iterator[str]:
    """Of this database first, then of the others on its server."""
    files = sorted(paths.DATA.glob(f"{NAME}*"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in sorted(files, key=lambda file: file != file_for(owner)):
        url = file.read_text().strip()
        try:
            password = parts_of(url).password
            if password and server_of(url) == server_of(owner):
                yield password
        except Misconfigured:
            continue


def remember(url: str) -> Path:
    """Keeps the address, readable by its owner alone. Returns the file."""
    kept = file_for(url)
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_name(f"new-{kept.name}")
    fresh.touch(mode=0o600)
    fresh.write_text(url + "\n")
    return fresh.replace(kept)


def file_for(url: str) -> Path:
    parts = parts_of(url)
    place = f"{parts.netloc.rpartition('@')[2]}{parts.path}"
    return paths.DATA / f"{NAME}{hashlib.sha256(place.encode()).hexdigest()[:8]}"
