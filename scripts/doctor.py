"""Looks the configuration over and says what does not fit together, and what to do about it."""

import email.utils
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import psycopg
from dotenv import dotenv_values

from scripts.database import api_role, configured_urls
from scripts.paths import API, DATA, FRONTEND, NODE, ROOT

CLOCK_TOLERANCE = 5


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` is empty when all is well."""

    subject: str
    remedy: str = ""


Settings = Mapping[str, str]


def merged(folder_settings: Mapping[str, str | None]) -> Settings:
    """What an application would see: its `.env` under the process environment; empty counts as unset."""
    both = {**folder_settings, **os.environ}
    return {name: value for name, value in both.items() if value}


def installation(_web: Settings, _api: Settings) -> Iterator[Finding]:
    yield Finding("Node.js of the project", "" if NODE.exists() else "run `make setup`")
    modules = FRONTEND / "node_modules" / ".installed"
    yield Finding("JavaScript packages", "" if modules.exists() else "run `make setup`")
    for folder in (FRONTEND, API):
        file = folder / ".env"
        remedy = "" if file.exists() else "run `make setup`"
        if file.exists() and file.stat().st_mode & 0o077:
            remedy = f"others may read it: chmod 600 {file.relative_to(ROOT)}"
        yield Finding(str(file.relative_to(ROOT)), remedy)


def agreement(web: Settings, api: Settings) -> Iterator[Finding]:
    """The seam between the two applications: the same issuer, audience and algorithm on both sides."""
    for ours, theirs in (("BETTER_AUTH_URL", "AUTH_ISSUER"), ("JWT_AUDIENCE", "AUTH_AUDIENCE")):
        one, other = web.get(ours), api.get(theirs)
        same = one == other
        yield Finding(
            f"{ours} = {theirs}", "" if same else f"frontend has {one}, backend has {other}: make them the same"
        )
    algorithm = web.get("JWT_ALGORITHM", "EdDSA")
    accepted = api.get("AUTH_ALGORITHMS", "EdDSA,RS256").split(",")
    yield Finding(
        f"AUTH_ALGORITHMS accept {algorithm}", "" if algorithm in accepted else f"add {algorithm} to AUTH_ALGORITHMS"
    )
    keys = urlsplit(api.get("AUTH_JWKS_URL", ""))
    expected = f"{web.get('BETTER_AUTH_URL')}/api/auth/jwks"
    fits = keys.path.endswith("/api/auth/jwks")
    yield Finding("AUTH_JWKS_URL", "" if fits else f"Better Auth publishes its keys at {expected}")


def database(_web: Settings, _api: Settings) -> Iterator[Finding]:
    urls = configured_urls(os.environ)
    if urls is None:
        there = (DATA / "postgres" / "PG_VERSION").exists()
        yield Finding("Database: embedded", "" if there else "run `make migrate`")
        return
    for name, url in (("identity provider's", urls.owner), ("API's", urls.api)):
        try:
            with psycopg.connect(url, connect_timeout=10) as connection:
                yield Finding(f"Database as the {name} role")
                if url == urls.api:
                    yield privileges(connection, api_role(url))
        except psycopg.Error as error:
            yield Finding(f"Database as the {name} role", str(error).splitlines()[0])


def privileges(connection: psycopg.Connection, role: str) -> Finding:
    subject = f"Role {role} can't read sessions"
    readable = connection.execute("SELECT has_table_privilege('auth.session', 'SELECT')").fetchone()
    return Finding(subject, "give the API a role of its own: run `make migrate`" if readable == (True,) else "")


def services(web: Settings, api: Settings) -> Iterator[Finding]:
    """What runs right now."""
    jwks = api.get("AUTH_JWKS_URL", "")
    try:
        answer = httpx.get(jwks, timeout=3)
        found = len(answer.json()["keys"])
        yield Finding(f"{jwks} has {found} keys", "" if found else "run `make migrate`")
        date = email.utils.parsedate_to_datetime(answer.headers["date"]).timestamp()
        skew = abs(date - time.time())
        yield Finding("Clocks agree", "" if skew < CLOCK_TOLERANCE else f"they differ by {skew:.0f} s: set the clock")
    except (httpx.HTTPError, KeyError, ValueError) as error:
        yield Finding(jwks, f"not reachable from here ({type(error).__name__}): is the identity provider running?")
    ready = f"{web.get('API_URL')}/readyz"
    try:
        credential = {"Authorization": f"Bearer {api['MANAGEMENT_TOKEN']}"} if "MANAGEMENT_TOKEN" in api else {}
        answer = httpx.get(ready, timeout=3, headers=credential).json()
        undetailed = "ok" if answer["status"] == "ready" else "set MANAGEMENT_TOKEN in backend/api/.env to see why"
        for name, outcome in (answer["checks"] or {answer["status"]: undetailed}).items():
            yield Finding(f"API: {name}", "" if outcome == "ok" else outcome)
    except (httpx.HTTPError, KeyError, ValueError) as error:
        yield Finding(ready, f"not reachable from here ({type(error).__name__}): is the API running?")


EXAMINATIONS: list[Callable[[Settings, Settings], Iterator[Finding]]] = [installation, agreement, database, services]


def main() -> int:
    web, api = merged(dotenv_values(FRONTEND / ".env")), merged(dotenv_values(API / ".env"))
    findings = [finding for examine in EXAMINATIONS for finding in examine(web, api)]
    for finding in findings:
        print(f"  {'✗' if finding.remedy else '✓'} {finding.subject}{': ' + finding.remedy if finding.remedy else ''}")
    return 1 if any(finding.remedy for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
