"""What docs/deploy.md describes works: TLS in front of two instances of each, Postgres and PgBouncer with TLS."""

import os
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from scripts.build import build
from scripts.paths import ROOT
from scripts.ports import free_port
from scripts.stack.isolated import SECRET, short_lived_folder
from shared_fixtures.certificates import Certificates, make_certificates
from shared_fixtures.deployment import (
    OWNER,
    PASSWORDS,
    READER,
    Instances,
    Pooler,
    Proxy,
    newest_postgres,
    nginx,
    pgbouncer_with_tls,
    postgres_with_tls,
)
from tests.system.people import form

DEPLOY = ROOT / "deploy"
PATIENCE = 60.0


@dataclass
class Database:
    """A Postgres behind a pooler, over TLS alone. `migrating`: the variables of the guide's migration."""

    port: int
    pooler_port: int
    tls: str
    passwords: dict[str, str] = field(default_factory=lambda: dict(PASSWORDS))
    migrating: dict[str, str] = field(default_factory=dict)

    def pooled(self, role: str) -> str:
        return self.address(role, self.pooler_port)

    def direct(self, role: str) -> str:
        return self.address(role, self.port)

    def address(self, role: str, port: int) -> str:
        return f"postgresql://{role}:{self.passwords[role]}@localhost:{port}/notes?{self.tls}"

    def migrate(self, reader: str) -> None:
        addresses = {"DATABASE_URL_OWNER": self.direct(OWNER), "API_DATABASE_URL": self.pooled(reader)}
        environment = {**os.environ, **self.migrating, "NODE_ENV": "production", **addresses}
        subprocess.run([sys.executable, "-m", "scripts.migrate"], cwd=ROOT, env=environment, check=True)


@dataclass
class Deployed:
    app: str
    api: str
    certificates: Certificates
    proxy: Proxy
    instances: Instances
    database: Database
    pooler: Pooler
    web_env: Path
    api_env: Path

    def client(self) -> httpx.Client:
        return httpx.Client(verify=ssl.create_default_context(cafile=self.certificates.authority), timeout=20)

    @property
    def trust(self) -> dict[str, str]:
        authority = str(self.certificates.authority)
        return {**os.environ, "SSL_CERT_FILE": authority, "NODE_EXTRA_CA_CERTS": authority}


def write(file: Path, variables: dict[str, str]) -> dict[str, str]:
    file.write_text("".join(f'{name}="{value}"\n' for name, value in variables.items()))
    file.chmod(0o600)
    return variables


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    programs = newest_postgres()
    assert programs is not None, "this test needs the system's own Postgres (Debian: apt-get install postgresql)"
    build()
    with short_lived_folder() as folder, ExitStack() as stack:
        folder.chmod(0o755)
        certificates = make_certificates(folder)
        port = stack.enter_context(postgres_with_tls(folder, programs, certificates))
        pooler = stack.enter_context(pgbouncer_with_tls(folder, port, certificates))
        database = Database(port, pooler.port, f"sslmode=verify-full&sslrootcert={certificates.authority}")
        http, web, api, inner_web, inner_api, *others = (free_port() for _ in range(9))
        ports = {"http": http, "web": web, "api": api, "inner_web": inner_web, "inner_api": inner_api}
        origins = {"app": f"https://localhost:{web}", "api": f"https://127.0.0.1:{api}"}
        web_variables = write(
            folder / "web.env",
            {
                "DATABASE_URL": database.pooled(OWNER),
                "BETTER_AUTH_SECRET": SECRET,
                "BETTER_AUTH_URL": origins["app"],
                "JWT_AUDIENCE": origins["api"],
                "API_URL": f"http://127.0.0.1:{inner_api}",
                "SMTP_URL": "smtp://127.0.0.1:9",
                "MAIL_FROM": "notes@example.com",
                # All the people of these tests have one address.
                "RATE_LIMIT_MAX": "100000",
                "RATE_LIMIT_SIGN_IN_MAX": "100000",
            },
        )
        write(
            folder / "api.env",
            {
                "DATABASE_URL": database.pooled(READER),
                "DATABASE_URL_UNPOOLED": database.direct(READER),
                "AUTH_ISSUER": origins["app"],
                "AUTH_AUDIENCE": origins["api"],
                "AUTH_JWKS_URL": f"http://127.0.0.1:{inner_web}/api/auth/jwks",
                "IDP_URL": f"http://127.0.0.1:{inner_web}",
                "MANAGEMENT_TOKEN": "a-management-credential-of-this-test",
            },
        )
        trust = {"SSL_CERT_FILE": str(certificates.authority), "NODE_EXTRA_CA_CERTS": str(certificates.authority)}
        database.migrating = web_variables | trust
        database.migrate(READER)
        proxy = stack.enter_context(nginx(folder, ports, {"web": others[:2], "api": others[2:]}, certificates))
        instances = Instances(folder)
        stack.callback(instances.stop)
        for port in others[:2]:
            instances.start("web", port, folder / "web.env", trust)
        for port in others[2:]:
            instances.start("api", port, folder / "api.env", trust)
        running = Deployed(
            origins["app"],
            origins["api"],
            certificates,
            proxy,
            instances,
            database,
            pooler,
            folder / "web.env",
            folder / "api.env",
        )
        wait_until_ready(running, others[:2], others[2:])
        yield running


def wait_until_ready(running: Deployed, web: list[int], api: list[int]) -> None:
    deadline = time.monotonic() + PATIENCE
    waiting = [f"http://127.0.0.1:{port}/api/healthz" for port in web]
    waiting += [f"http://127.0.0.1:{port}/readyz" for port in api]
    while waiting:
        assert time.monotonic() < deadline, running.instances.logs()
        time.sleep(0.2)
        waiting = [url for url in waiting if not is_well(url)]


def is_well(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.mark.long
def test_the_doctor_is_green_behind_nginx_a_pooler_and_tls(deployed: Deployed) -> None:
    command = [sys.executable, "-m", "scripts.doctor"]
    files = ["--web-env", str(deployed.web_env), "--api-env", str(deployed.api_env)]
    ended = subprocess.run(
        [*command, *files], cwd=ROOT, env=deployed.trust, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr + deployed.instances.logs()
    assert "its address is known, directly and through the API" in ended.stdout
    assert "its session is known each time" in ended.stdout
    assert "notifications arrive" in ended.stdout
    assert " ms after" in ended.stdout
    assert not any(password in ended.stdout for password in PASSWORDS.values())


@pytest.mark.long
def test_a_browser_s_cookies_are_secure_and_plain_http_is_sent_to_https(deployed: Deployed) -> None:
    with deployed.client() as client:
        answer = client.post(f"{deployed.app}/api/session/sign-up", json=form(), headers={"Origin": deployed.app})
        assert answer.status_code == httpx.codes.OK, answer.text
        assert all(line.startswith("__Host-") for line in answer.headers.get_list("set-cookie"))
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        for metrics in (f"{deployed.api}/metrics", f"{deployed.app}/api/metrics"):
            assert client.get(metrics).status_code == httpx.codes.NOT_FOUND
    conf = (deployed.proxy.servers / "notes.conf").read_text()
    port = re.search(r"listen 127\.0\.0\.1:(\d+);", conf)
    assert port is not None
    redirected = httpx.get(f"http://localhost:{port[1]}/notes")
    assert (redirected.status_code, redirected.headers["location"]) == (308, "https://localhost/notes")


def sign_up(deployed: Deployed, path: str, **headers: str) -> httpx.Response:
    with deployed.client() as client:
        answer = client.post(f"{deployed.app}{path}", json=form(), headers=headers)
    assert answer.is_success, answer.text
    return answer


@dataclass
class Traffic:
    """A client and a browser that read and write all the while. Whatever is not answered as it should be is kept."""

    deployed: Deployed
    token: str
    cookies: httpx.Cookies
    stop: threading.Event = field(default_factory=threading.Event)
    failures: list[str] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        app, api = self.deployed.app, self.deployed.api
        bearer = {"Authorization": f"Bearer {self.token}"}
        browser = {"Origin": app, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        note = {"title": "A note", "body": ""}
        while not self.stop.is_set():
            # A connection of its own each time, as many clients have.
            with self.deployed.client() as client:
                self.ask(client, "GET", f"{api}/api/me", headers=bearer)
                self.ask(client, "POST", f"{api}/api/notes", headers=bearer, json=note)
                self.ask(client, "GET", f"{api}/api/auth/jwks")
                self.ask(client, "GET", f"{app}/sign-in")
                self.ask(client, "GET", f"{app}/api/auth/jwks")
                self.ask(client, "POST", f"{app}/api/backend/notes", headers=browser, json=note)
                self.ask(client, "GET", f"{app}/api/auth/get-session", headers=browser)
            time.sleep(0.02)

    def ask(
        self,
        client: httpx.Client,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        json: object = None,
    ) -> None:
        try:
            answer = client.request(method, url, headers=headers, json=json)
        except httpx.HTTPError as error:
            self.failures.append(f"{method} {url}: {type(error).__name__}")
            return
        self.answered[f"{method} {url}"] += 1
        if not answer.is_success:
            self.failures.append(f"{method} {url}: {answer.status_code} {answer.text[:200]}")


@contextmanager
def traffic(deployed: Deployed) -> Iterator[Traffic]:
    token = sign_up(deployed, "/api/auth/sign-up").json()["access_token"]
    cookies = sign_up(deployed, "/api/session/sign-up", Origin=deployed.app).cookies
    flowing = Traffic(deployed, token, cookies)
    people = [threading.Thread(target=flowing.run) for _ in range(3)]
    for person in people:
        person.start()
    try:
        yield flowing
    finally:
        flowing.stop.set()
        for person in people:
            person.join()


def restart(deployed: Deployed, service: str) -> None:
    """`deploy/rolling-restart`. Raises AssertionError unless each instance was replaced."""
    before = {path.name: path.read_text() for path in deployed.instances.folder.glob(f"{service}@*.pid")}
    environment = {
        **os.environ,
        "NGINX_FOLDER": str(deployed.proxy.servers),
        "RESTART": f"{deployed.instances.restart_command()} {service}@",
        "DRAIN_SECONDS": "2",
    }
    ended = subprocess.run(
        [str(DEPLOY / "rolling-restart"), service], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr + deployed.instances.logs()
    after = {path.name: path.read_text() for path in deployed.instances.folder.glob(f"{service}@*.pid")}
    assert all(after[name] != pid for name, pid in before.items()), "each was replaced"


@pytest.mark.long
@pytest.mark.parametrize("service", ["web", "api"])
def test_a_rolling_restart_refuses_no_request(deployed: Deployed, service: str) -> None:
    with traffic(deployed) as flowing:
        restart(deployed, service)
    assert flowing.failures == []
    assert len(flowing.answered) == 7
    assert all(times > 20 for times in flowing.answered.values()), flowing.answered


@pytest.mark.long
def test_the_database_s_passwords_and_the_management_token_are_replaced_under_traffic(deployed: Deployed) -> None:
    database, pooler = deployed.database, deployed.pooler
    with traffic(deployed) as flowing:
        other = f"{READER}_b"
        database.passwords[other] = "another-reader-s-passw0rd"
        with psycopg.connect(database.direct(OWNER), autocommit=True) as owner:
            owner.execute(f"CREATE ROLE {other} LOGIN PASSWORD '{database.passwords[other]}' IN ROLE {READER}")
        pooler.let_in(database.passwords)
        database.migrate(other)
        text = deployed.api_env.read_text().replace("a-management-credential", "another-management-credential")
        deployed.api_env.write_text(
            text.replace(database.pooled(READER), database.pooled(other)).replace(
                database.direct(READER), database.direct(other)
            )
        )
        restart(deployed, "api")
        with psycopg.connect(database.direct(OWNER), autocommit=True) as owner:
            for statement in (
                f"GRANT {READER} TO CURRENT_USER",
                f"DROP OWNED BY {READER}",
                f"DROP ROLE {READER}",
            ):
                owner.execute(statement)
        del database.passwords[READER]
        pooler.let_in(database.passwords)
        time.sleep(2)
        assert flowing.failures == []

        former = database.pooled(OWNER)
        with psycopg.connect(database.direct(OWNER), autocommit=True) as owner:
            database.passwords[OWNER] = "another-owner-s-passw0rd"
            owner.execute(f"ALTER ROLE {OWNER} PASSWORD '{database.passwords[OWNER]}'")
        deployed.web_env.write_text(deployed.web_env.read_text().replace(former, database.pooled(OWNER)))
        pooler.let_in(database.passwords)
        restart(deployed, "web")
        time.sleep(2)
    assert [failure for failure in flowing.failures if ": 503 " not in failure] == []
    with deployed.client() as client:
        for credential, is_shown in (("a-management", False), ("another-management", True)):
            bearer = {"Authorization": f"Bearer {credential}-credential-of-this-test"}
            answer = client.get(f"{deployed.api}/readyz", headers=bearer)
            assert (answer.status_code, answer.json()["checks"] is not None) == (200, is_shown)


@pytest.mark.long
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    assert analyze is not None, "this test needs systemd-analyze (Debian: apt-get install systemd)"
    units = []
    for unit in (DEPLOY / "systemd").glob("*.service"):
        # Its own paths: what is to be executed must be there.
        text = unit.read_text().replace("/opt/notes", str(ROOT)).replace("User=notes", "User=www-data")
        copy = tmp_path / unit.name.replace("@", "@3001")
        copy.write_text(text.replace("Group=notes", "Group=www-data"))
        units.append(str(copy))
    ended = subprocess.run([analyze, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    about_ours = [line for line in ended.stderr.splitlines() if "notes-" in line]
    assert (ended.returncode, about_ours) == (0, []), ended.stderr
