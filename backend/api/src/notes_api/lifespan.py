"""What the service holds while it runs: opened at start, yielded as typed state, closed in reverse."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import cache
from typing import TypedDict

import httpx
from fastapi import FastAPI

from notes_api.database import Database
from notes_api.health.metrics import VERIFICATION, forget_process, sample_revocations
from notes_api.identity.relay import Relay
from notes_api.names import NAMES
from notes_api.notes import departures
from notes_api.revocation import open_feed, wait_for_first_load
from notes_api.settings import Settings
from resource_server import ResourceServer, ResourceServerSettings, log_faults, new_client
from resource_server.revocation import RevocationFeed


class State(TypedDict):
    """Each is an attribute of `request.state`."""

    settings: Settings
    database: Database
    relay: Relay
    revocations: RevocationFeed | None
    resource_server: ResourceServer


@cache
def tls() -> ssl.SSLContext:
    """One for every connection: loading the certificate authorities takes tens of milliseconds."""
    return httpx.create_ssl_context()


def verification(settings: Settings) -> ResourceServerSettings:
    return ResourceServerSettings(
        issuer=settings.auth_issuer,
        audience=settings.auth_audience,
        jwks_url=settings.auth_jwks_url,
        algorithms=settings.auth_algorithms,
        leeway=settings.auth_leeway,
        max_token_life=settings.auth_max_token_life,
        max_key_set_age=settings.auth_max_stale_keys,
        key_set_snapshot=settings.auth_jwks_snapshot,
        max_revocation_staleness=settings.auth_revocation_max_staleness,
    )


def lifespan(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    """Starts even if the database or the identity provider is down; `/readyz` says what is missing."""

    @asynccontextmanager
    async def run(_app: FastAPI) -> AsyncIterator[State]:
        async with AsyncExitStack() as stack:
            database = Database.at(settings.database_url.get_secret_value())
            stack.push_async_callback(database.close)
            client = await stack.enter_async_context(new_client(verify=tls()))
            relay = await stack.enter_async_context(Relay(settings.identity_provider, tls()))
            revocations = await stack.enter_async_context(open_feed(settings, client))
            stack.callback(forget_process)
            server = ResourceServer(
                verification(settings), revocations=revocations, client=client, metrics=VERIFICATION
            )
            await stack.enter_async_context(server)
            stack.callback(asyncio.create_task(log_faults(server, NAMES)).cancel)
            if revocations is not None:
                stack.callback(asyncio.create_task(sample_revocations(revocations)).cancel)
            subscribe = None if revocations is None else revocations.subscribe
            await stack.enter_async_context(departures.following(database, subscribe))
            if revocations is not None:
                await wait_for_first_load(revocations)
            yield State(
                settings=settings,
                database=database,
                relay=relay,
                revocations=revocations,
                resource_server=server,
            )

    return run
