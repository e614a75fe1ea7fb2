"""The processes of the lab (`/lab`): four resource servers on loopback, asked with a token until it is revoked."""

import secrets
from collections.abc import Mapping

from scripts.env_values import web_values
from scripts.paths import BIN
from scripts.ports import free_port

PROCESSES = 4


def is_wanted(mode: str, environment: Mapping[str, str]) -> bool:
    """In development unless LAB_ENABLED says no, in production when it says yes; not where LAB_PROCESSES has others."""
    configured = {**web_values(), **environment}
    if configured.get("LAB_PROCESSES"):
        return False
    return (configured.get("LAB_ENABLED") or str(mode == "development")).lower() in {"true", "1", "yes", "on"}


def addresses() -> list[str]:
    """Of ports that are free now."""
    return [f"http://127.0.0.1:{free_port()}" for _ in range(PROCESSES)]


def shared_variables(processes: list[str]) -> dict[str, str]:
    """What the identity provider and the lab's processes have to agree on; the credential is good for this run."""
    return {
        "LAB_ENABLED": "true",
        "LAB_PROCESSES": ",".join(processes),
        "LAB_CREDENTIAL": secrets.token_urlsafe(32),
    }


def command(address: str) -> list[str]:
    port = address.rpartition(":")[2]
    return [str(BIN / "python"), "-m", "notes_api.lab", "--host", "127.0.0.1", "--port", port]
