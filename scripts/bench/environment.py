"""The libraries that ours is compared with; they are no dependencies of the project."""

import os
import subprocess
from pathlib import Path

from scripts.environments import environment_of
from scripts.paths import API, LIBRARY, ROOT

LOCK = Path(__file__).with_name("peers.lock")


def run_with_peers(module: str, *arguments: str) -> None:
    """Runs `python -m module` in their environment, with our library from its sources."""
    environment = {**os.environ, "PYTHONPATH": f"{LIBRARY / 'src'}:{API / 'src'}:{ROOT}"}
    python = environment_of("bench", LOCK)
    subprocess.run([python, "-m", module, *arguments], cwd=ROOT, env=environment, check=True)
