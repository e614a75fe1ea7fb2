"""The wheel and the sdist as a user gets them: their content, their metadata, and an empty environment with them."""

import json
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from resource_server.testing.attacks import ATTACKS

from .conftest import pip

MOST_PACKAGES = 13
MOST_OCTETS = 200_000


def test_the_wheel_has_the_package_and_nothing_else(built: tuple[Path, Path]) -> None:
    wheel, _ = built
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {
        "resource_server",
        "better_auth_resource_server",
    }
    assert "resource_server/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert wheel.stat().st_size < MOST_OCTETS


def test_the_sdist_can_be_read_and_has_no_tests_or_secrets(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml"} <= set(names)
    assert not [name for name in names if ".env" in name or name.startswith("tests")]


def test_the_metadata_has_what_an_index_requires(built: tuple[Path, Path]) -> None:
    wheel = zipfile.ZipFile(built[0])
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = message_from_bytes(wheel.read(name))
    for field in ("Summary", "License-Expression", "Requires-Python", "Author"):
        assert metadata[field]
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert len(str(metadata.get_payload())) > 1_000
    assert set(metadata.get_all("Provides-Extra") or ()) == {"fastapi", "metrics", "nats", "postgres", "testing"}
    assert "file:" not in str(metadata)


def test_twine_check_passes_for_both(built: tuple[Path, Path]) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, built)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout
    assert answer.stdout.count("PASSED") == 2


@pytest.mark.long
def test_the_base_installation_is_small_and_works(installed: Path) -> None:
    listed = subprocess.run([*pip(installed), "list", "--format=json"], check=True, capture_output=True)
    packages = {package["name"].lower() for package in json.loads(listed.stdout)}
    assert len(packages) <= MOST_PACKAGES
    assert packages.isdisjoint({"fastapi", "pydantic", "structlog", "psycopg", "prometheus-client"})
    program = (
        "from resource_server import ResourceServer, ResourceServerSettings, TokenInvalid\n"
        "import asyncio\n"
        "settings = ResourceServerSettings(issuer='https://a.test', audience='b', jwks_url='http://127.0.0.1:9/jwks')\n"
        "async def main():\n"
        "    async with ResourceServer(settings) as server:\n"
        "        try:\n"
        "            await server.authenticate('nonsense')\n"
        "        except TokenInvalid as error:\n"
        "            print(error.code)\n"
        "asyncio.run(main())\n"
    )
    answer = subprocess.run([installed, "-c", program], check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == "token_invalid"


@pytest.mark.long
def test_the_installed_library_refuses_every_attack_by_its_rule(installed: Path) -> None:
    program = (
        "import asyncio\n"
        "from resource_server import ResourceServer, TokenInvalid\n"
        "from resource_server.testing.attacks import ATTACKS\n"
        "from resource_server.testing.issuer import FakeIssuer\n"
        "async def main():\n"
        "    issuer = FakeIssuer()\n"
        "    async with ResourceServer(issuer.settings, client=issuer.client()) as server:\n"
        "        print((await server.authenticate(issuer.token())).subject, len(ATTACKS))\n"
        "        for attack in ATTACKS:\n"
        "            try:\n"
        "                await server.authenticate(attack.forge(issuer.sample()))\n"
        "                print('accepted', attack)\n"
        "            except TokenInvalid as error:\n"
        "                if error.code != attack.code:\n"
        "                    print(error.code, attack)\n"
        "asyncio.run(main())\n"
    )
    answer = subprocess.run([installed, "-c", program], check=True, capture_output=True, text=True)
    assert answer.stdout == f"user-1 {len(ATTACKS)}\n"


@pytest.mark.long
def test_an_import_takes_little_more_than_that_of_pyjwt(installed: Path) -> None:
    def modules(name: str) -> int:
        program = f"import sys, {name}; print(len(sys.modules))"
        answer = subprocess.run([installed, "-c", program], check=True, capture_output=True, text=True)
        return int(answer.stdout)

    # By the modules that are loaded, which does not vary with the machine's load as seconds do.
    assert modules("resource_server") <= 1.3 * modules("jwt")
