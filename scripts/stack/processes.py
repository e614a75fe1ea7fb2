"""The whole stack's processes: what to run, with which addresses, and how to tell that it is ready."""

import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from scripts.database import OF_A_DATABASE, DatabaseUrls
from scripts.paths import API, BIN, DATA, FRONTEND, LIBRARY, NODE, ROOT, RUN_SOURCE
from scripts.stack import lab, nats

Mode = Literal["development", "production"]
WITHOUT_FILES = {"__NEXT_PROCESSED_ENV": "true"}
"""Keeps Next.js from reading files of variables, as it keeps its own child processes: it would replace each `$NAME` in
their values, even where they are set already, and read files that nothing else does."""


@dataclass(frozen=True)
class Ports:
    web: int = 3000
    api: int = 8000

    @property
    def web_url(self) -> str:
        return f"http://localhost:{self.web}"

    @property
    def api_url(self) -> str:
        return f"http://localhost:{self.api}"

    def environment(self, configured: Mapping[str, str] | None = None) -> dict[str, str]:
        """The variables that follow from the ports, for a stack on one machine.

        Of those that are `configured`, an address that leads elsewhere than to this machine stays as it is.
        """
        derived = self.derived()
        elsewhere = {name: value for name in derived if (value := (configured or {}).get(name)) and not is_local(value)}
        return derived | elsewhere

    def moved(self, configured: Mapping[str, str]) -> dict[str, str]:
        """The variables that are not set, or lead to the ports of `env.example`, where these are others: PORT is set.

        An address of another kind, such as that of a proxy on this machine, stays as it is.
        """
        usual = Ports().derived()
        return {
            name: value
            for name, value in self.derived().items()
            if value != usual[name] and stands_for(configured.get(name) or usual[name], usual[name])
        }

    def derived(self) -> dict[str, str]:
        return {
            "BETTER_AUTH_URL": self.web_url,
            "JWT_AUDIENCE": self.api_url,
            "API_URL": self.api_url,
            "AUTH_ISSUER": self.web_url,
            "AUTH_AUDIENCE": self.api_url,
            "AUTH_JWKS_URL": f"{self.web_url}/api/auth/jwks",
            "IDP_URL": self.web_url,
        }


def stands_for(address: str, usual: str) -> bool:
    """Whether it is the usual address, by whichever name of this machine."""
    return address.rstrip("/") in {usual.replace("localhost", name) for name in ("localhost", "127.0.0.1", "[::1]")}


def is_local(address: str) -> bool:
    try:
        return urlsplit(address).hostname in {"localhost", "127.0.0.1", "::1"}
    except ValueError:
        return False


@dataclass(frozen=True)
class Process:
    """`ready_url` answers 200 once the process is ready; empty where nobody can ask it."""

    name: str
    command: list[str]
    folder: Path
    ready_url: str
    environment: dict[str, str] = field(repr=False)


def processes(
    mode: Mode,
    ports: Ports,
    urls: DatabaseUrls,
    environment: Mapping[str, str],
    *,
    of_web: Mapping[str, str] | None = None,
    workers: int = 2,
    state: Path = DATA,
) -> list[Process]:
    """Next.js and FastAPI, each with the variables of its own and none of the other's database; NATS, the lab.

    `of_web`: what the identity provider's file holds.
    `state` is the folder for what they keep from one run to the next.
    """
    shared = {**environment, "PATH": f"{BIN}:{environment.get('PATH', '')}", "NEXT_TELEMETRY_DISABLED": "1"}
    for name in OF_A_DATABASE:
        shared.pop(name, None)
    web = {
        **(of_web or {}),
        **shared,
        **WITHOUT_FILES,
        "DATABASE_URL": urls.owner,
        "NODE_ENV": mode,
        "PORT": str(ports.web),
    }
    api = {
        **shared,
        "DATABASE_URL": urls.api,
        "DATABASE_URL_UNPOOLED": urls.api_direct,
        "ENVIRONMENT": mode,
        "PYTHONUNBUFFERED": "1",
    }
    if mode == "production":
        api["PROMETHEUS_MULTIPROC_DIR"] = str(emptied(state / "metrics" / str(ports.api)))
        api.setdefault("AUTH_JWKS_SNAPSHOT", str(state / f"jwks-{ports.api}.json"))
    host = environment.get("API_HOST") or "127.0.0.1"
    uvicorn = [str(BIN / "python"), "-m", "notes_api", "--host", host, "--port", str(ports.api)]
    if mode == "development":
        web["MAIL_FOLDER"] = str(state / "mail")
        next_dev = [str(NODE), "node_modules/next/dist/bin/next", "dev", "--hostname", "127.0.0.1"]
        commands = (
            next_dev,
            [*uvicorn, "--reload", "--reload-dir", str(API / "src"), "--reload-dir", str(LIBRARY / "src")],
        )
    else:
        commands = (
            [*RUN_SOURCE, "--import", "./scripts/tracing.ts", "server.ts"],
            [*uvicorn, "--workers", str(workers)],
        )
    labs = lab.addresses() if lab.is_wanted(mode, environment) else []
    agreed = lab.shared_variables(labs) if labs else {}
    web |= agreed
    # Its feeds and its keys are its own: no file and no metric of the API's.
    follower = {**api, **agreed, "AUTH_JWKS_SNAPSHOT": "", "LOG_LEVEL": "WARNING"}
    follower.pop("PROMETHEUS_MULTIPROC_DIR", None)
    broker = nats.local(environment, state)
    if broker:
        api |= broker.variables(nats.SERVER)
        follower["REVOCATION_FEED"] = "postgres"
    return [
        Process("web", commands[0], FRONTEND, f"{ports.web_url}/api/healthz", web),
        Process("api", commands[1], API, f"{ports.api_url}/readyz", api),
        *(
            Process(f"lab{number}", lab.command(address), API, f"{address}/healthz", follower)
            for number, address in enumerate(labs, start=1)
        ),
        *(of_nats(broker, api) if broker else ()),
    ]


def of_nats(broker: nats.LocalNats, api: Mapping[str, str]) -> list[Process]:
    """The server, and the publisher, which reads the database under the API's role."""
    inherited = {name: api[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in api}
    database = {name: api[name] for name in ("DATABASE_URL", "DATABASE_URL_UNPOOLED")}
    publishing = {**inherited, **database, **broker.variables(nats.PUBLISHER), "PYTHONUNBUFFERED": "1"}
    return [
        Process("nats", broker.command, ROOT, broker.health, inherited),
        Process("publisher", nats.publisher(), ROOT, "", publishing),
    ]


def emptied(folder: Path) -> Path:
    """Workers add their metrics up in files; those of a former run must not count."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""A proxy of the environment can't reach what listens here."""


def answers(url: str) -> bool:
    """Whether `url` answers 200 within two seconds; yes where there is none to ask."""
    if not url:
        return True
    try:
        with DIRECTLY.open(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def is_free(port: int) -> bool:
    """Whether nobody listens on `port`, over IPv4 or IPv6."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(0.5)
            if probe.connect_ex((address, port)) == 0:
                return False
    return True
