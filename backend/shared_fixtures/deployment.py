"""What docs/deploy.md describes: Postgres and PgBouncer with TLS, nginx in front of two instances of each service."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from scripts.ports import free_port
from shared_fixtures.certificates import Certificates
from shared_fixtures.pgbouncer import program

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PATIENCE = 60.0
OWNER, READER = "notes_owner", "api"
PASSWORDS = {OWNER: "an-owner-s-passw0rd", READER: "a-reader-s-passw0rd"}
SYSTEM_USER = "postgres"


def newest_postgres() -> Path | None:
    """The programs of the system's own Postgres, of the highest version; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


@contextmanager
def postgres_with_tls(folder: Path, programs: Path, certificates: Certificates) -> Iterator[int]:
    """The port of a server that takes connections over TLS alone, with passwords."""
    port = free_port()
    data = folder / "postgres"
    owner = SYSTEM_USER if os.geteuid() == 0 else None
    data.mkdir()
    key = folder / "postgres.key"
    shutil.copy(certificates.key, key)
    key.chmod(0o600)
    for path in (data, key):
        if owner:
            shutil.chown(path, owner)
    initdb = [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8"]
    subprocess.run(initdb, user=owner, check=True, stdout=subprocess.DEVNULL)
    (data / "pg_hba.conf").write_text("local all all trust\nhostssl all all all scram-sha-256\n")
    settings = {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(data),
        "ssl": "on",
        "ssl_cert_file": str(certificates.certificate),
        "ssl_key_file": str(key),
        "max_connections": "200",
    }
    command = [str(programs / "postgres"), "-D", str(data)]
    command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "postgres.log").open("w") as log:
        server = subprocess.Popen(command, user=owner, stderr=log)
    try:
        prepare(f"postgresql://postgres@/postgres?host={data}&port={port}")
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def prepare(superuser: str) -> None:
    """What the guide lets a database's administrator do: the owner's role and its database."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(superuser, autocommit=True) as connection:
                connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{PASSWORDS[OWNER]}'")
                connection.execute(f"CREATE DATABASE notes OWNER {OWNER}")
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


@dataclass(frozen=True)
class Pooler:
    port: int
    users: Path
    process: subprocess.Popen[bytes]

    def let_in(self, passwords: dict[str, str]) -> None:
        """Only those who have these passwords, from now on. Connections that are open stay so."""
        self.users.write_text("".join(f'"{name}" "{password}"\n' for name, password in passwords.items()))
        self.process.send_signal(signal.SIGHUP)


@contextmanager
def pgbouncer_with_tls(folder: Path, port: int, certificates: Certificates) -> Iterator[Pooler]:
    """A pooler in transaction mode, with TLS on both of its sides."""
    listening = free_port()
    pool = folder / "pgbouncer"
    pool.mkdir()
    key = pool / "server.key"
    shutil.copy(certificates.key, key)
    (pool / "users").write_text("".join(f'"{name}" "{password}"\n' for name, password in PASSWORDS.items()))
    (pool / "ini").write_text(f"""[databases]
notes = host=127.0.0.1 port={port} dbname=notes
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listening}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {pool}/users
pool_mode = transaction
default_pool_size = 20
client_tls_sslmode = require
client_tls_cert_file = {certificates.certificate}
client_tls_key_file = {key}
server_tls_sslmode = verify-full
server_tls_ca_file = {certificates.authority}
""")
    command = [program(), "-q", str(pool / "ini")]
    if os.geteuid() == 0:
        for path in (pool, key, pool / "users", pool / "ini"):
            shutil.chown(path, SYSTEM_USER)
        command[1:1] = ["-u", SYSTEM_USER]
    process = subprocess.Popen(command)
    try:
        yield Pooler(listening, pool / "users", process)
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class Proxy:
    """nginx with the guide's configuration. `servers` is the folder of its files."""

    servers: Path


@contextmanager
def nginx(
    folder: Path, ports: dict[str, int], instances: dict[str, list[int]], certificates: Certificates
) -> Iterator[Proxy]:
    """Serves `web` and `api` with TLS, `inner_web` and `inner_api` without, in front of the instances."""
    servers = folder / "nginx"
    servers.mkdir()
    own = dict(zip(("3001", "3002", "8001", "8002"), (*instances["web"], *instances["api"]), strict=True))
    for source in (DEPLOY / "nginx").iterdir():
        text = re.sub("|".join(own), lambda found: str(own[found[0]]), source.read_text())
        (servers / source.name).write_text(placed(text, servers, ports, certificates))
    (servers / "nginx.conf").write_text(
        f"pid {servers}/pid; error_log {servers}/error.log; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {servers}/body; proxy_temp_path {servers}/proxy;"
        f" fastcgi_temp_path {servers}/f; uwsgi_temp_path {servers}/u; scgi_temp_path {servers}/s;\n"
        f"include {servers}/notes.conf; }}\n"
    )
    binary = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert binary is not None, "nginx is needed for this test; install it with the system's package manager"
    command = [binary, "-p", str(servers), "-c", str(servers / "nginx.conf")]
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        yield Proxy(servers)
    finally:
        process.terminate()
        process.wait()


def placed(text: str, servers: Path, ports: dict[str, int], certificates: Certificates) -> str:
    """The guide's configuration with this machine's names, ports and paths; nothing else is changed."""
    text = text.replace("/etc/nginx/notes/app.pem", str(certificates.certificate))
    text = text.replace("/etc/nginx/notes/api.pem", str(certificates.certificate))
    text = text.replace("/etc/nginx/notes/app.key", str(certificates.key))
    text = text.replace("/etc/nginx/notes/api.key", str(certificates.key))
    text = text.replace("/etc/nginx/notes", str(servers))
    text = re.sub(r"    listen \[::\].*\n", "", text)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{ports['http']};")
    text = text.replace("127.0.0.1:3000", f"127.0.0.1:{ports['inner_web']}")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{ports['inner_api']}")
    web, api = text.split("server_name app.example.com;", 1) if "server_name app.example.com;" in text else (text, "")
    web = web.replace("listen 443", f"listen 127.0.0.1:{ports['web']}")
    api = api.replace("listen 443", f"listen 127.0.0.1:{ports['api']}")
    return f"{web}server_name localhost;{api}" if api else web


class Instances:
    """Runs the commands of the systemd units, and starts what ended anew, as systemd does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runners: list[subprocess.Popen[bytes]] = []

    def start(self, service: str, port: int, variables: Path, trust: dict[str, str]) -> None:
        """`variables`: the unit's EnvironmentFile, which is read at each start."""
        unit = (DEPLOY / "systemd" / f"notes-{service}@.service").read_text().replace("%i", str(port))
        command = next(line for line in unit.splitlines() if line.startswith("ExecStart=")).partition("=")[2]
        working = next(line for line in unit.splitlines() if line.startswith("WorkingDirectory=")).partition("=")[2]
        fixed = dict(word.split("=", 1) for line in unit.splitlines() if line.startswith("Environment=")
                     for word in shlex.split(line.partition("=")[2]))  # fmt: skip
        state = self.folder / f"state-{port}"
        state.mkdir(exist_ok=True)
        fixed = {name: re.sub(r"^/(run|var/lib)/[^/]+", str(state), value) for name, value in fixed.items()}
        command = command.replace("/opt/notes", str(ROOT))
        pid, log = self.folder / f"{service}@{port}.pid", self.folder / f"{service}@{port}.log"
        once = f"( set -a; . {variables}; set +a; exec {command} ) & echo $! > {pid}; wait $!"
        loop = f"while [ ! -e {self.folder}/stop ]; do {once}; done"
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with log.open("wb") as kept:
            self.runners.append(
                subprocess.Popen(
                    ["sh", "-c", loop],
                    cwd=working.replace("/opt/notes", str(ROOT)),
                    env={**inherited, **trust, **fixed},
                    stdout=kept,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    def restart_command(self) -> str:
        """Takes `web@3001` as `systemctl restart notes-web@3001` would: it signals all processes of the unit, and those
        that are left once more when the first has ended."""
        script = self.folder / "restart"
        script.write_text(f"""#!/bin/sh
first=$(cat {self.folder}/$1.pid)
all="$first $(cat /proc/$first/task/$first/children)"
kill -TERM $all
while kill -0 $first 2>/dev/null; do sleep 0.1; done
for one in $all; do kill -TERM $one 2>/dev/null; done
for one in $all; do while kill -0 $one 2>/dev/null; do sleep 0.1; done; done
""")
        script.chmod(0o755)
        return str(script)

    def logs(self) -> str:
        return "\n".join(f"{path.name}:\n{path.read_text()[-1500:]}" for path in self.folder.glob("*.log"))

    def stop(self) -> None:
        (self.folder / "stop").touch()
        for runner in self.runners:
            os.killpg(runner.pid, signal.SIGTERM)
        for runner in self.runners:
            try:
                runner.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(runner.pid, signal.SIGKILL)
                runner.wait()
