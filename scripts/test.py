"""Every test: the frontend's units, the library's, the service's, then the whole stack with a browser."""

import os
import subprocess
import sys
from pathlib import Path

from scripts.build import build
from scripts.paths import API, BIN, FRONTEND, LIBRARY, NODE


def main() -> int:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    build()
    print("Frontend units", flush=True)
    vitest = subprocess.run(
        [str(NODE), "node_modules/vitest/vitest.mjs", "run"], cwd=FRONTEND, env=environment, check=False
    ).returncode
    print("Library", flush=True)
    library = pytest(LIBRARY, environment)
    print("Service, then the whole stack", flush=True)
    service = pytest(API, environment)
    return vitest or library or service


def pytest(folder: Path, environment: dict[str, str]) -> int:
    command = [str(BIN / "pytest"), *(sys.argv[1:] or ["tests"])]
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failure:
        sys.exit(failure.returncode)
