"""A real NATS server with JetStream, on loopback, that can be stopped, started again, and lose its data."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.ports import free_port

PROGRAM = Path(sys.executable).with_name("nats-server")
PUBLISHER = ("publisher", "publishers-password")
SERVER = ("server", "servers-password")
CONFIGURATION = """
    listen: "127.0.0.1:{port}"
    jetstream {{ store_dir: "{folder}/data", max_mem: 64M, max_file: 1G }}
    write_deadline: "10s"
    {tls}
    authorization {{ users: [{users}] }}
"""
PERMISSIONS = {
    "publisher": """
        publish: ["$JS.API.>", "revocations.pages", "revocations.snapshot", "_INBOX.>"],
        subscribe: ["revocations.questions", "_INBOX.>"]
    """,
    "server": """
        publish: ["revocations.questions", "$JS.API.DIRECT.GET.revocations", "$JS.API.DIRECT.GET.revocations.>"],
        subscribe: ["revocations.pages", "_INBOX.>"]
    """,
}
"""Those that docs/nats.md names."""


class NatsServer:
    """A server. ``tls``: lines of its configuration."""

    def __init__(self, tls: str = "") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nats"))
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._tls = tls
        self.let_in({"publisher": [PUBLISHER], "server": [SERVER]})

    def let_in(self, users: dict[str, list[tuple[str, str]]]) -> None:
        """Only those with these names and passwords, by what they are; from now on, where it runs."""
        known = "".join(
            f'{{ user: "{name}", password: "{password}", permissions: {{ {PERMISSIONS[role]} }} }}\n'
            for role, listed in users.items()
            for name, password in listed
        )
        configuration = CONFIGURATION.format(port=self.port, folder=self.folder, tls=self._tls, users=known)
        (self.folder / "nats.conf").write_text(configuration)
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def start(self) -> None:
        """Returns when it takes connections."""
        self._process = subprocess.Popen(
            [PROGRAM, "-c", self.folder / "nats.conf", "-l", self.folder / "log"], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def stop(self) -> None:
        """At once, as by a crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def lose_data(self) -> None:
        """Only while it is stopped."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def close(self) -> None:
        """Stop it for good."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def nats_server() -> Iterator[NatsServer]:
    server = NatsServer()
    server.start()
    yield server
    server.close()


@pytest.fixture
def nats(nats_server: NatsServer) -> NatsServer:
    """A server that has nothing stored."""
    nats_server.stop()
    nats_server.lose_data()
    nats_server.start()
    return nats_server
