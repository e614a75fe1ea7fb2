"""What runs right now: who listens, what it says of itself, and by which clock."""

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg

from resource_server.announced import clock_offset
from resource_server.doctor.clocks import examine_clocks
from resource_server.doctor.finding import Finding, fault
from scripts.doctor.in_use import InUse

WEB, API = "Identity provider", "API"
TRANSPORTS = {"postgres": ("listen", "poll"), "http": ("http",), "nats": ("nats",)}
"""What readiness calls the transports of each feed."""


async def examine(use: InUse, client: httpx.AsyncClient) -> list[Finding]:
    web, web_offset = await alive(client, WEB, f"{use.web_url}/api/healthz")
    api, api_offset = await alive(client, API, f"{use.api_url}/healthz")
    offsets = {
        "the identity provider": web_offset,
        "the API": api_offset,
        "the database": database_offset(use.web["DATABASE_URL"]),
    }
    found = [web, api]
    found += examine_clocks({name: offset for name, offset in offsets.items() if offset is not None})
    for name, running, address, side in (
        (WEB, web, f"{use.web_url}/api/readyz", use.web),
        (API, api, f"{use.api_url}/readyz", use.api),
    ):
        if not running.problem:
            feed = side.get("REVOCATION_FEED") or "postgres" if name == API else None
            found += await readiness(name, address, side.get("MANAGEMENT_TOKEN"), client, feed)
    return found


async def alive(client: httpx.AsyncClient, name: str, address: str) -> tuple[Finding, float | None]:
    """Whether the service answers there, rather than another program; and by how much its clock is ahead."""
    port = urlsplit(address).port
    try:
        answer = await client.get(address)
        if answer.json() == {"status": "ok"}:
            return Finding(f"{name} answers at {address}"), clock_offset(answer.headers, time.time())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        problem = f"it does not answer at {address} ({type(error).__name__})"
        remedy = "start it (`make start`, or its service), or correct BETTER_AUTH_URL and API_URL"
        return fault(name, "not_running", problem, remedy), None
    except ValueError:
        pass
    remedy = f"stop what listens there, or choose another port ({'WEB' if name == WEB else 'API'}_PORT)"
    return fault(name, "port_taken", f"port {port or 443} is taken by another program: {address}", remedy), None


async def readiness(
    name: str, address: str, token: str | None, client: httpx.AsyncClient, feed: str | None
) -> list[Finding]:
    """What the service that runs says is missing. `feed`: what REVOCATION_FEED says that it follows."""
    answer = await client.get(address, headers={"Authorization": f"Bearer {token}"} if token else {})
    body = answer.json()
    if answer.status_code == HTTPStatus.OK:
        return [other_transport(body, feed) or Finding(f"{name} is ready")]
    checks: Mapping[str, str] = body.get("checks") or {}
    wrong = {check: outcome for check, outcome in checks.items() if outcome != "ok"}
    if not wrong:
        return [fault(name, "not_ready", "it is not ready", "set its MANAGEMENT_TOKEN, which lets it say why")]
    return [fault(f"{name}: {check}", "not_ready", outcome, "see its log") for check, outcome in wrong.items()]


def other_transport(body: Mapping[str, Any], feed: str | None) -> Finding | None:
    """The API goes on with the settings that it was started with."""
    view = body.get("revocations") if feed in TRANSPORTS else None
    if not view or feed is None or view["transport"] in TRANSPORTS[feed]:
        return None
    transport = view["transport"]
    problem = f"it follows the revocations over {transport}, but REVOCATION_FEED is {feed}"
    return fault(API, "other_transport", problem, "restart the API, or set REVOCATION_FEED to what it should follow")


def database_offset(address: str) -> float | None:
    try:
        with psycopg.connect(address, connect_timeout=5, prepare_threshold=None) as connection:
            row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
            return None if row is None else float(row[0]) - time.time()
    except psycopg.Error:
        return None
