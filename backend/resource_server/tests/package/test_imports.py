"""What is imported when: the library itself imports none of the extras' packages, and httpx only when it is needed."""

import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import resource_server

DISTRIBUTION = "better-auth-resource-server"
BASE = {"cachetools", "cryptography", "httpx", "pyjwt"}
EXTRAS = ("fastapi", "starlette", "pydantic", "psycopg", "nats", "prometheus_client", "pytest", "structlog")
LATER = (*EXTRAS, "httpx")


def imported(statement: str) -> set[str]:
    """The packages in ``sys.modules`` after a statement in a fresh interpreter."""
    program = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import resource_server",
        "from resource_server import *",
        "from resource_server.revocation import HttpRevocationFeed, RevocationFeed",
        "import resource_server.__main__, resource_server.doctor.command",
        "from resource_server import ResourceServer, ResourceServerSettings\n"
        "settings = ResourceServerSettings(issuer='https://a.test', audience='b', jwks_url='https://a.test/jwks')\n"
        "ResourceServer(settings)",
    ],
)
def test_the_library_imports_no_extra_and_no_http_client(statement: str) -> None:
    assert imported(statement).isdisjoint(LATER)


@pytest.mark.parametrize(
    ("statement", "needed"),
    [
        ("from resource_server.fastapi import AuthenticatedRoute", "fastapi"),
        ("from resource_server.revocation import PostgresRevocationFeed", "psycopg"),
    ],
)
def test_an_extra_is_imported_by_what_needs_it(statement: str, needed: str) -> None:
    assert needed in imported(statement)


def test_every_public_name_exists() -> None:
    for name in resource_server.__all__:
        assert getattr(resource_server, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        resource_server.nothing  # noqa: B018


def test_the_base_installation_needs_four_packages() -> None:
    needed = [Requirement(line) for line in requires(DISTRIBUTION) or ()]
    assert {requirement.name for requirement in needed if requirement.marker is None} == BASE


def test_each_extra_is_declared() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert set(project["optional-dependencies"]) == {"fastapi", "metrics", "nats", "postgres", "testing"}
