"""The tests: the library's and the frontend's units, the service's, then the whole stack with a browser.

Without `--all`, those that take long (marker `long`) are left out, and so is the library on other versions of Python
and of what it needs (`scripts.matrix`). Other arguments are pytest's.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.build import build
from scripts.paths import API, BIN, FRONTEND, LIBRARY, NODE, ROOT

ALL = "--all"
NOTHING_CHOSEN = 5
"""Pytest's exit status when every test was left out."""


def main() -> int:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    build()
    with tempfile.TemporaryFile() as output:
        # The frontend's units wait for their database most of the time; the library's hardly ever wait.
        with subprocess.Popen(
            [str(NODE), "node_modules/vitest/vitest.mjs", "run"],
            cwd=FRONTEND,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as units:
            print("Library, and meanwhile the frontend's units", flush=True)
            library = pytest(LIBRARY, environment)
            vitest = units.wait()
        print("Frontend units", flush=True)
        output.seek(0)
        print(output.read().decode(errors="replace"), flush=True)
    print("Service, then the whole stack", flush=True)
    service = pytest(API, environment)
    matrix = 0
    if ALL not in sys.argv:
        print("Tests that take long were left out (pytest counts them as deselected): `make test-all` runs them.")
    elif sys.argv[1:] == [ALL]:
        print("The library on other versions", flush=True)
        matrix = subprocess.run([sys.executable, "-m", "scripts.matrix"], cwd=ROOT, check=False).returncode
    return vitest or library or service or matrix


def pytest(folder: Path, environment: dict[str, str]) -> int:
    """What is skipped is listed with its reason at the end (`-ra`, in backend/pyproject.toml)."""
    chosen = [argument for argument in sys.argv[1:] if argument != ALL] or ["tests"]
    command = [str(BIN / "pytest"), *([] if ALL in sys.argv else ["-m", "not long"]), *chosen]
    status = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
    return 0 if status == NOTHING_CHOSEN else status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failure:
        sys.exit(failure.returncode)
