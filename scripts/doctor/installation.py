"""What is installed, and the files of variables."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from resource_server.doctor.finding import Finding, fault, warning
from resource_server.doctor.variables import examine_env_file
from scripts.paths import API, FRONTEND, NODE, ROOT

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 24
OF_PROGRAMS = ("NODE_ENV", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "BETTER_AUTH_SECRETS", "PROMETHEUS_MULTIPROC_DIR")
OF_NEXT = (".env.local", ".env.development*", ".env.production*")
VARIABLE = re.compile(r"^(?:# )?([A-Z][A-Z_]+)=", re.MULTILINE)


def toolchain(python: tuple[int, int], node: str) -> Iterator[Finding]:
    """`node`: what `node --version` says; empty when there is none."""
    if python >= OLDEST_PYTHON:
        yield Finding(f"Python {python[0]}.{python[1]}")
    else:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        remedy = f"remove .venv, then run `make setup PYTHON=python{wanted}`"
        yield fault("Python", "python_too_old", f"it is {python[0]}.{python[1]}; {wanted} or newer is needed", remedy)
    major = re.match(r"v(\d+)", node)
    if major is None:
        yield fault("Node.js", "node_missing", "it is not installed", "run `make setup`")
    elif int(major[1]) < OLDEST_NODE:
        problem = f"it is {node.strip()}; {OLDEST_NODE} or newer is needed"
        yield fault("Node.js", "node_too_old", problem, "run `make setup`, which installs one beneath .venv")
    else:
        yield Finding(f"Node.js {node.strip()}")


def installed() -> list[Finding]:
    version = (
        subprocess.run([str(NODE), "--version"], capture_output=True, text=True, check=False) if NODE.exists() else None
    )
    found = list(toolchain(sys.version_info[:2], version.stdout if version else ""))
    if not (FRONTEND / "node_modules" / ".installed").exists():
        found.append(fault("JavaScript packages", "packages_missing", "they are not installed", "run `make setup`"))
    return found


def files(web_file: Path | None, api_file: Path | None) -> list[Finding]:
    """Of each side, the file that is in use; one that is named must be there."""
    found = []
    for folder, given in ((FRONTEND, web_file), (API, api_file)):
        file = given or folder / ".env"
        if given or file.exists():
            name = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)
            found += examine_env_file(file, known_variables(folder), name=name)
    return found if web_file else [*found, *of_next_alone(FRONTEND)]


def of_next_alone(folder: Path) -> Iterator[Finding]:
    for pattern in OF_NEXT:
        for file in sorted(folder.glob(pattern)):
            name = f"{folder.name}/{file.name}"
            problem = "Next.js alone reads it, and not when `make` starts it"
            yield warning(name, "env_of_next", problem, f"move what it sets to {folder.name}/.env")


def known_variables(folder: Path) -> set[str]:
    """Those of the example beside it, and the ones that the programs beneath read."""
    return {*VARIABLE.findall((folder / "env.example").read_text()), *OF_PROGRAMS}
