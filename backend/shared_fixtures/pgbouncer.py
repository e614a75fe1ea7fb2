"""PgBouncer in transaction mode, as in front of Neon's pooled endpoint."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

from scripts.ports import free_port


def program() -> str:
    """Where it is. Root gets it from the system's packages when it is not there."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    apt_get = shutil.which("apt-get")
    if shutil.which("pgbouncer", path=path) is None and os.geteuid() == 0 and apt_get is not None:
        for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "pgbouncer"]):
            subprocess.run([apt_get, *arguments], check=True, stdout=subprocess.DEVNULL)
    found = shutil.which("pgbouncer", path=path)
    if found is None:
        raise FileNotFoundError("pgbouncer is needed for this test; install it with the system's package manager")
    return found


@contextmanager
def pgbouncer(superuser: str, system_user: str | None) -> Iterator[str]:
    """The address, for role api, of a pooler in front of the server at the superuser's address.

    ``system_user``: whom the server runs as, when that is not ourselves; its socket is for no one else.
    """
    parts = urlsplit(superuser)
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer"))
    (folder / "users").write_text('"api" ""\n')
    (folder / "ini").write_text(
        f"""
        [databases]
        * = host={parse_qs(parts.query)["host"][0]}
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = {port}
        unix_socket_dir =
        auth_type = trust
        auth_file = {folder}/users
        pool_mode = transaction
        """.replace("\n        ", "\n")
    )
    command = [program(), "-q", str(folder / "ini")]
    if system_user is not None:
        shutil.chown(folder, system_user)
        command[1:1] = ["-u", system_user]
    process = subprocess.Popen(command)
    address = f"postgresql://api@127.0.0.1:{port}{parts.path}"
    try:
        wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
