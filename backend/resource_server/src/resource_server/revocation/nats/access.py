"""How to connect to NATS, and a connection that reports its failures."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.errors import AuthorizationError, Error, NoRespondersError
from nats.js.errors import APIError, NoStreamResponseError

from resource_server.addresses import is_loopback
from resource_server.revocation.page import FeedError

logger = logging.getLogger(__name__)

Outcome = TypeVar("Outcome")
PING_EVERY: Final = 5
UNANSWERED_PINGS: Final = 2
ABANDON_AFTER: Final = 0.1


@dataclass(frozen=True, slots=True)
class NatsAccess:
    """The address of NATS, and the credentials. Raises ValueError for an invalid address or combination.

    ``url``: one or several addresses, comma separated: ``tls://host:port``, or ``nats://host:port`` on loopback alone.
    With ``tls://`` the TLS handshake comes first: the server needs ``handshake_first``, at least ``auto``. (Otherwise a
    man in the middle could make the client send the password in clear text.)
    ``user`` and ``password``; or ``credentials``, a file with a JWT and a seed; or ``nkey_seed``, a file with a seed.
    ``ca``: a file with the certificates to trust instead of the system's.
    """

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    credentials: Path | None = None
    nkey_seed: Path | None = None
    ca: Path | None = None

    def __post_init__(self) -> None:
        for server in self.servers:
            _check(server)
        if (self.user is None) != (self.password is None):
            raise ValueError("a NATS user needs a password, and a password a user")
        if sum(item is not None for item in (self.user, self.credentials, self.nkey_seed)) > 1:
            raise ValueError("NATS takes one of a password, a credentials file and an nkey seed, not several")
        for file in (self.credentials, self.nkey_seed, self.ca):
            if file is not None and not file.is_file():
                raise ValueError(f"there is no file {file}")

    @property
    def servers(self) -> list[str]:
        """The addresses."""
        return [item.strip() for item in self.url.split(",")]

    def options(self) -> dict[str, Any]:
        """As nats-py takes them."""
        options: dict[str, Any] = {"servers": self.servers, "user": self.user, "password": self.password}
        if self.credentials is not None:
            options["user_credentials"] = str(self.credentials)
        if self.nkey_seed is not None:
            options["nkeys_seed"] = str(self.nkey_seed)
        if self.servers[0].startswith("tls:"):
            options["tls"] = ssl.create_default_context(cafile=self.ca)
            options["tls_handshake_first"] = True
        return options


def access_from(environment: Mapping[str, str]) -> NatsAccess:
    """How to reach NATS, from NATS_URL and the variables beside it. Raises ValueError, which names the variable."""
    url = environment.get("NATS_URL")
    if not url:
        raise ValueError("NATS_URL is missing: set it to tls://host:port, or nats://localhost:4222 on this machine")
    files = {
        field: Path(value) if (value := environment.get(name)) else None
        for field, name in (("credentials", "NATS_CREDENTIALS"), ("nkey_seed", "NATS_NKEY_SEED"), ("ca", "NATS_CA"))
    }
    user, password = environment.get("NATS_USER") or None, environment.get("NATS_PASSWORD") or None
    try:
        return NatsAccess(url, user=user, password=password, **files)
    except ValueError as error:
        raise ValueError(f"NATS_URL or a variable that belongs to it: {error}") from error


def _check(server: str) -> None:
    try:
        url = urlsplit(server)
        host, _ = url.hostname, url.port
    except ValueError:
        host = None
    if not host or url.scheme not in {"nats", "tls"} or "@" in url.netloc or url.path or not server.isprintable():
        raise ValueError("a NATS address is tls://host:port, or nats://host:port on loopback, without a user name")
    if url.scheme == "nats" and not is_loopback(host):
        raise ValueError("a NATS address must begin with tls:// except on loopback: others could hide revocations")


class Connection:
    """One connection. It never reconnects by itself: its user opens a new one, and so notices each interruption."""

    def __init__(self, access: NatsAccess, timeout: float, when_lost: Callable[[], None] = lambda: None) -> None:
        self.client = Client()
        self.lost = asyncio.Event()
        self.denied = False
        self.last_error: Exception | None = None
        self._access = access
        self._timeout = timeout
        self._when_lost = when_lost
        self._connecting: asyncio.Future[None] | None = None

    async def open(self, name: str) -> None:
        """Connect. Failures are FeedErrors."""
        connecting = self.client.connect(
            **self._access.options(),
            name=name,
            connect_timeout=max(1, int(self._timeout)),
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            ping_interval=PING_EVERY,
            max_outstanding_pings=UNANSWERED_PINGS,
            error_cb=self._failed,
            closed_cb=self._closed,
            disconnected_cb=self._closed,
        )
        with nats_errors(self):
            self._connecting = asyncio.ensure_future(connecting)
            done, _ = await asyncio.wait({self._connecting}, timeout=self._timeout)
            if not done:
                raise TimeoutError
            self._connecting.result()
        self.jetstream = self.client.jetstream(timeout=self._timeout)

    async def close(self) -> None:
        """Disconnect. Never fails, and completes even when it is cancelled."""
        closing = asyncio.ensure_future(self._end())
        try:
            await asyncio.wait({closing})
        except asyncio.CancelledError:
            await asyncio.wait({closing})
            raise

    async def _end(self) -> None:
        self.lost.set()
        if self._connecting is not None:
            # nats-py waits in vain for the end of a TLS connection that failed. It has nothing left to send.
            seconds = self._timeout if self.client.is_connected else ABANDON_AFTER
            self._connecting.cancel()
            await asyncio.wait({self._connecting}, timeout=self._timeout)
            with contextlib.suppress(Error, OSError, TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.client.close()

    async def call(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Await it in a task of its own, because nats-py may swallow a cancellation."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
        return task.result()

    def check(self) -> None:
        """Raise FeedError if the connection is lost, or something was not permitted."""
        if self.denied:
            raise FeedError("forbidden")
        if self.lost.is_set():
            raise FeedError("connection_failed")

    async def _failed(self, error: Exception) -> None:
        self.last_error = error
        if "permissions violation" in str(error).lower():
            self.denied = True
            logger.warning("NATS: %s", error)

    async def _closed(self) -> None:
        self.lost.set()
        self._when_lost()


@contextlib.contextmanager
def nats_errors(connection: Connection) -> Iterator[None]:
    """Turn what nats-py raises into FeedErrors."""
    try:
        yield
    except AuthorizationError as error:
        raise FeedError("forbidden") from error
    except (NoRespondersError, NoStreamResponseError) as error:
        raise FeedError("not_installed") from error
    except TimeoutError as error:
        raise FeedError("forbidden" if connection.denied else "timeout") from error
    except APIError as error:
        raise FeedError("refused") from error
    except (Error, OSError) as error:
        # While it connects, nats-py reports this only in the message.
        refused = "authorization violation" in str(error).lower() or "authentication" in str(error).lower()
        raise FeedError("forbidden" if refused else "connection_failed") from error
