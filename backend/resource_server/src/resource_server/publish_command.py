"""`python -m resource_server publish`: publishes the revocations in a database on NATS, until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from resource_server.revocation.nats import RevocationPublisher

HELP: Final = "publish the revocations in Postgres on NATS JetStream, or stand by while another process does"
DESCRIPTION: Final = """Reads DATABASE_URL_UNPOOLED (else DATABASE_URL), a direct address, NATS_URL, NATS_USER with
NATS_PASSWORD, or NATS_CREDENTIALS or NATS_NKEY_SEED (files), NATS_CA (a file) and NATS_STREAM (revocations) from the
environment. Run two or more: one publishes, the others stand by."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No secret is an option: others can read a command line."""
    parser.description = DESCRIPTION
    parser.add_argument("--schema", default="auth", help="of the revocation feed in Postgres (auth)")
    parser.add_argument("--replicas", type=int, default=1, help="of the stream, when it is made (1)")


def run(arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> int:
    """The exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        publisher = publisher_of(environment, arguments.schema, arguments.replicas)
    except (ModuleNotFoundError, ValueError) as error:
        print(f"publish: {error}", file=sys.stderr)
        return 3
    asyncio.run(until_stopped(publisher))
    return 0


def publisher_of(environment: Mapping[str, str], schema: str, replicas: int) -> RevocationPublisher:
    """Raises ValueError, which names the variable, or ModuleNotFoundError without the extra ``nats``."""
    try:
        from resource_server.revocation.nats import RevocationPublisher, access_from  # noqa: PLC0415  needs the extra
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("install better-auth-resource-server[nats]") from error
    address = environment.get("DATABASE_URL_UNPOOLED") or environment.get("DATABASE_URL")
    if not address:
        raise ValueError("DATABASE_URL_UNPOOLED is missing: set it to the database's direct address")
    stream = environment.get("NATS_STREAM") or "revocations"
    access = access_from(environment)
    try:
        return RevocationPublisher(address, access, schema=schema, stream=stream, replicas=replicas)
    except ValueError as error:
        raise ValueError(f"NATS_STREAM: {error}") from error


async def until_stopped(publisher: RevocationPublisher) -> None:
    """Publish until SIGINT or SIGTERM."""
    task = asyncio.create_task(publisher.run())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
