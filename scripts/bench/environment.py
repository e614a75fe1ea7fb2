"""An environment of its own for the libraries that ours is compared with; they are no dependencies of the project."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from scripts.paths import API, DATA, LIBRARY, ROOT

VENV = DATA / "bench" / "venv"
LOCK = Path(__file__).with_name("peers.lock")


def peers_python() -> str:
    """The interpreter of that environment, installed from its lock when it is not there."""
    python = VENV / "bin" / "python"
    stamp = VENV / ".installed"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print("Installing the libraries to compare with …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
        stamp.write_text(wanted)
    return str(python)


def run_with_peers(module: str, *arguments: str) -> None:
    """Runs `python -m module` there, with our library from its sources."""
    environment = {**os.environ, "PYTHONPATH": f"{LIBRARY / 'src'}:{API / 'src'}:{ROOT}"}
    subprocess.run([peers_python(), "-m", module, *arguments], cwd=ROOT, env=environment, check=True)
