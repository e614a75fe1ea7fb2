"""The revocation feed over HTTP, as a resource server finds it."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from resource_server.doctor.finding import Finding, fault
from resource_server.names import VARIABLES, Names
from resource_server.revocation.http import parse_page
from resource_server.revocation.page import SCHEMA_VERSION, FeedError

if TYPE_CHECKING:
    import httpx

SUBJECT = "Revocation feed over HTTP"
SECONDS = 10.0
CREDENTIAL = "REVOCATION_FEED_TOKEN"


async def examine_http_feed(
    url: str | None, credential: str | None, client: httpx.AsyncClient, names: Names = VARIABLES
) -> list[Finding]:
    """Whether the feed answers, and to this credential."""
    if not url:
        return [
            fault(SUBJECT, "feed_address", "REVOCATION_FEED_URL is not set", "set it to <issuer>/api/auth/revocations")
        ]
    if not credential:
        remedy = "set it to the same 32 characters or more on both sides: openssl rand -base64 32"
        return [fault(SUBJECT, "feed_credential", f"{CREDENTIAL} is not set", remedy)]
    import httpx  # noqa: PLC0415  not before it is needed

    headers = {"Authorization": f"Bearer {credential}", "Accept-Encoding": "identity"}
    try:
        answer = await client.get(url, headers=headers, timeout=SECONDS, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        problem = f"{url} (REVOCATION_FEED_URL) does not answer: {type(error).__name__}"
        return [fault(SUBJECT, "feed_unreachable", problem, "start the identity provider, or correct the address")]
    if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        problem = f"the identity provider refuses {CREDENTIAL}: it is wrong, or that side has none"
        return [fault(SUBJECT, "feed_credential", problem, f"set {CREDENTIAL} to the same value on both sides")]
    if answer.status_code != HTTPStatus.OK:
        problem = f"{url} (REVOCATION_FEED_URL) answers {answer.status_code}"
        return [fault(SUBJECT, "feed_address", problem, "correct it: Better Auth's is <issuer>/api/auth/revocations")]
    return examine_page(answer.content, url, names)


def examine_page(body: bytes, url: str, names: Names) -> list[Finding]:
    """Its version, and what it says that the database lacks."""
    try:
        page = parse_page(body, time.monotonic())
    except FeedError as error:
        remedy = "correct REVOCATION_FEED_URL, or upgrade the older of both sides"
        return [fault(SUBJECT, "feed_malformed", f"{url} gives no page of revocations ({error.code})", remedy)]
    found = [
        fault(SUBJECT, "trigger_missing", f"{name} is dropped, disabled or altered", names.migrate)
        for name in page.missing_triggers or ()
    ]
    if (page.schema_version or 1) < SCHEMA_VERSION:
        problem = f"the database has version {page.schema_version or 1} of the feed; {SCHEMA_VERSION} is needed"
        found.append(fault(SUBJECT, "feed_outdated", problem, names.migrate))
    return found or [Finding(f"{SUBJECT}: {url} answers")]
