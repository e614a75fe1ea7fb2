"""NATS for `make dev` and `make start`: a server on loopback and the publisher, where the API follows NATS.

With REVOCATION_FEED=nats and no NATS_URL. A server that NATS_URL names has publishers of its own.
"""

import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.env_values import api_values
from scripts.paths import BIN
from scripts.ports import free_port

PUBLISHER, SERVER = "publisher", "server"
STREAM = "revocations"
FOLDER = "nats"


@dataclass(frozen=True)
class LocalNats:
    """A server of this run. ``folder`` keeps its data from one run to the next."""

    folder: Path
    port: int
    monitoring_port: int

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def health(self) -> str:
        """Answers 200 once the server and JetStream are ready."""
        return f"http://127.0.0.1:{self.monitoring_port}/healthz"

    @property
    def command(self) -> list[str]:
        return [str(BIN / "nats-server"), "-c", str(self.folder / "nats.conf")]

    def variables(self, user: str) -> dict[str, str]:
        """What a process needs to connect as this user."""
        return {"NATS_URL": self.url, "NATS_USER": user, "NATS_PASSWORD": password(self.folder, user)}

    def write_configuration(self) -> None:
        """The permissions are those that docs/nats.md of the library lists. New passwords each time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        users = [user(name, permissions) for name, permissions in PERMISSIONS.items()]
        configuration = {
            "listen": f"127.0.0.1:{self.port}",
            "http": f"127.0.0.1:{self.monitoring_port}",
            "jetstream": {"store_dir": str(self.folder / "data")},
            "authorization": {"users": users},
        }
        file = self.folder / "nats.conf"
        file.touch(mode=0o600)
        # NATS reads JSON too.
        file.write_text(json.dumps(configuration, indent=2))


PERMISSIONS: dict[str, dict[str, list[str]]] = {
    PUBLISHER: {
        "publish": ["$JS.API.>", f"{STREAM}.pages", f"{STREAM}.snapshot", "_INBOX.>"],
        "subscribe": [f"{STREAM}.questions", "_INBOX.>"],
    },
    SERVER: {
        "publish": [f"{STREAM}.questions", f"$JS.API.DIRECT.GET.{STREAM}", f"$JS.API.DIRECT.GET.{STREAM}.>"],
        "subscribe": [f"{STREAM}.pages", "_INBOX.>"],
    },
}


def user(name: str, permissions: dict[str, list[str]]) -> dict[str, Any]:
    return {"user": name, "password": secrets.token_urlsafe(24), "permissions": permissions}


def password(folder: Path, name: str) -> str:
    """That of a user of the server that runs, or ran last."""
    users = json.loads((folder / "nats.conf").read_text())["authorization"]["users"]
    return str(next(item["password"] for item in users if item["user"] == name))


def local(environment: Mapping[str, str], state: Path) -> LocalNats | None:
    """A server for this run, configured and not started; None where the API follows something else."""
    configured = {**api_values(), **environment}
    if configured.get("REVOCATION_FEED") != "nats" or configured.get("NATS_URL"):
        return None
    nats = LocalNats(state / FOLDER, free_port(), free_port())
    nats.write_configuration()
    return nats


def publisher() -> list[str]:
    return [sys.executable, "-m", "resource_server", "publish"]
