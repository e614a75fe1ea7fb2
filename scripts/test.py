"""Every test: the frontend's units, the backend's, then the whole stack with a browser."""

import os
import subprocess
import sys

from scripts.build import build
from scripts.paths import BACKEND, BIN, FRONTEND, NODE


def main() -> int:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    build()
    print("Frontend units", flush=True)
    vitest = subprocess.run(
        [str(NODE), "node_modules/vitest/vitest.mjs", "run"], cwd=FRONTEND, env=environment, check=False
    ).returncode
    print("Backend, then the whole stack", flush=True)
    pytest = subprocess.run([str(BIN / "pytest"), *sys.argv[1:]], cwd=BACKEND, env=environment, check=False).returncode
    return vitest or pytest


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failure:
        sys.exit(failure.returncode)
