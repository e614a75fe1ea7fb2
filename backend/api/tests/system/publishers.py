"""Publishers of revocations on a NATS server of the tests'."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from scripts.database import DatabaseUrls
from shared_fixtures.nats import PUBLISHER, NatsServer

Credentials = tuple[str, str]


def access(nats: NatsServer, credentials: Credentials) -> dict[str, str]:
    """The variables of a process that connects as this user."""
    user, password = credentials
    return {"NATS_URL": nats.url, "NATS_USER": user, "NATS_PASSWORD": password}


@contextmanager
def publisher(
    urls: DatabaseUrls, nats: NatsServer, credentials: Credentials = PUBLISHER
) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m resource_server publish`, until the block is left."""
    environment = {**os.environ, **access(nats, credentials), "DATABASE_URL_UNPOOLED": urls.api}
    process = subprocess.Popen([sys.executable, "-m", "resource_server", "publish"], env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
