"""A stack of one's own for tests and measurements: free ports, a database in a folder that goes away, logs kept."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from scripts.build import build
from scripts.database import DatabaseUrls, embedded_database
from scripts.migrate import migrate
from scripts.ports import free_port
from scripts.stack.processes import Mode, Ports, Process, answers, processes

READY_PATIENCE = 60.0
STOP_PATIENCE = 10.0
ANSWERS = 20
"""How many in a row show that a service is ready: each of its workers gets ready by itself."""
MANAGEMENT_TOKEN = "a-management-credential-of-a-stack-of-ones-own"  # noqa: S105
SECRET = "lBz0Jm2q7uT4nXcV9aRk3sYw8hDe5fGi"  # noqa: S105


def isolated_environment(ports: Ports, overrides: Mapping[str, str]) -> dict[str, str]:
    """The environment of a production stack that no `.env` file or outer variable reaches into."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **inherited,
        **ports.environment(),
        "BETTER_AUTH_SECRET": SECRET,
        "JWT_ALGORITHM": "EdDSA",
        "RATE_LIMIT_MAX": "100000",
        "RATE_LIMIT_SIGN_IN_MAX": "100000",
        "REVOCATION_FEED": "postgres",
        "LAB_ENABLED": "false",
        "LAB_RATE_LIMIT": "100000",
        "LAB_CAPACITY": "12",
        "LAB_MAX_STALENESS": "3",
        "SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "MAIL_FROM": "recall@example.com",
        "LOG_LEVEL": "INFO",
        "MANAGEMENT_TOKEN": MANAGEMENT_TOKEN,
        "API_MANAGEMENT_TOKEN": MANAGEMENT_TOKEN,
        **overrides,
    }


class RunningStack:
    """Starts, stops and kills the stack's processes by name ("web", "api")."""

    def __init__(self, services: list[Process], ports: Ports, urls: DatabaseUrls, logs: Path) -> None:
        self.ports = ports
        self.urls = urls
        self.logs = logs
        self.services = {service.name: service for service in services}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def web(self) -> str:
        return self.ports.web_url

    @property
    def api(self) -> str:
        return self.ports.api_url

    def ask_management(self, path: str) -> httpx.Response:
        """`/readyz` or `/metrics` of the API, with the credential that shows all of it."""
        return httpx.get(
            f"{self.api}{path}",
            headers={"Authorization": f"Bearer {MANAGEMENT_TOKEN}"},
            timeout=15,
        )

    def launch(self, name: str) -> None:
        """Starts a process without waiting for it."""
        service = self.services[name]
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                service.command,
                cwd=service.folder,
                env=service.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self, name: str, address: str | None = None) -> None:
        """Raises RuntimeError, with the log's end, when it dies or does not answer in time.

        `address`: what answers once it is up, for one that can't be ready.
        """
        deadline = time.monotonic() + READY_PATIENCE
        while not all(answers(address or self.services[name].ready_url) for _ in range(ANSWERS)):
            ended = self.running[name].poll()
            if ended is not None or time.monotonic() > deadline:
                problem = "is not ready in time" if ended is None else f"ended with status {ended}"
                raise RuntimeError(f"{name} {problem}:\n{self.log(name)[-3000:]}")
            time.sleep(0.05)

    def start(self, *names: str) -> None:
        for name in names:
            self.launch(name)
        for name in names:
            self.wait_ready(name)

    def stop(self, name: str, sign: signal.Signals = signal.SIGTERM) -> None:
        """Signals the process and all that it started, and waits for its end."""
        process = self.running.pop(name)
        if process.poll() is not None:
            return
        os.killpg(process.pid, sign)
        try:
            process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop_all(self) -> None:
        for name in list(self.running):
            self.stop(name)

    def log(self, name: str) -> str:
        path = self.logs / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""


@contextmanager
def short_lived_folder() -> Iterator[Path]:
    """A folder with a short path, which a Unix socket needs, that Postgres' own user can reach too."""
    with tempfile.TemporaryDirectory(prefix="stack-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@contextmanager
def prepared_stack(
    folder: Path,
    urls: DatabaseUrls,
    overrides: Mapping[str, str] | None = None,
    *,
    workers: int = 2,
    mode: Mode = "production",
    ports: Ports | None = None,
) -> Iterator[RunningStack]:
    """A stack on a database of the caller's, migrated but not started; all of it is stopped at the end."""
    if mode == "production":
        build()
    ports = ports or Ports(free_port(), free_port())
    environment = isolated_environment(ports, overrides or {})
    migrate(urls, environment)
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    stack = RunningStack(
        processes(mode, ports, urls, environment, workers=workers, state=folder),
        ports,
        urls,
        logs,
    )
    try:
        yield stack
    finally:
        stack.stop_all()


@contextmanager
def running_stack(
    folder: Path,
    overrides: Mapping[str, str] | None = None,
    *,
    workers: int = 2,
    mode: Mode = "production",
) -> Iterator[RunningStack]:
    """The whole stack on a fresh embedded database, ready to be used."""
    with (
        embedded_database(folder / "postgres") as urls,
        prepared_stack(folder, urls, overrides, workers=workers, mode=mode) as stack,
    ):
        stack.start(*stack.services)
        yield stack
