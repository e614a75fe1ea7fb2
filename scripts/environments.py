"""Virtual environments for packages that only a measurement needs, installed from a lock when first used."""

import hashlib
import subprocess
import sys
from pathlib import Path

from scripts.paths import DATA


def environment_of(name: str, lock: Path) -> str:
    """The Python of the named environment, with exactly the packages of the lock."""
    folder = DATA / name / "venv"
    python, stamp = folder / "bin" / "python", folder / ".installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"Installing what {name} needs, beneath .data/ …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
        stamp.write_text(wanted)
    return str(python)
