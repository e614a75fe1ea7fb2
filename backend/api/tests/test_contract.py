"""What is generated or repeated agrees with `shared-schema`."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from notes_api.generated.errors import ERRORS
from notes_api.generated.permissions import ROLES, SCOPES
from resource_server.verification import errors
from resource_server.verification.errors import AuthenticationError

ROOT = Path(__file__).resolve().parents[3]
REFUSALS = [kind for kind in vars(errors).values() if isinstance(kind, type) and "code" in vars(kind)]


async def test_generated_files_are_up_to_date() -> None:
    check = await asyncio.create_subprocess_exec(sys.executable, "-m", "scripts.contract", "--check", cwd=ROOT)
    assert await check.wait() == 0


@pytest.mark.parametrize("refusal", REFUSALS)
def test_the_library_s_messages_are_those_of_the_catalogue(refusal: type[AuthenticationError]) -> None:
    entry = next(entry for code, entry in ERRORS.items() if code == refusal.code)
    assert (refusal.status, refusal.title, refusal.detail) == (entry.status, entry.title, entry.detail)
    assert refusal.retry_after == entry.retry_after


def test_roles_grant_known_scopes_only() -> None:
    assert all(granted <= SCOPES.keys() for granted in ROLES.values())


OPEN = {"/api/auth/sign-up", "/api/auth/sign-in"}
"""Beneath /api/, what needs no token."""


def test_every_protected_operation_says_its_scope_and_its_refusals() -> None:
    document = json.loads((ROOT / "shared-schema" / "openapi.json").read_text())
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"], scheme["bearerFormat"]) == ("http", "bearer", "JWT")
    assert all(f"`{scope}`: {meaning}" in scheme["description"] for scope, meaning in SCOPES.items())
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if not path.startswith("/api/") or path in OPEN:
                assert "security" not in operation
                continue
            assert {"401", "503"} <= operation["responses"].keys()
            ((scopes,),) = (requirement.values() for requirement in operation["security"])
            assert set(scopes) <= SCOPES.keys()
            assert bool(scopes) == path.startswith("/api/notes")
            assert not scopes or "403" in operation["responses"]
            assert all(f"`{scope}`" in operation["description"] for scope in scopes)
