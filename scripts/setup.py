"""Installs everything that the project needs beneath its own folder; a second run has nothing to do.

Runs on the system's own Python, before anything is installed, so it uses the standard library alone.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOG = ROOT / ".data" / "logs" / "setup.log"
HEARTBEAT = 10


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit("Python 3.11 or newer is needed, this is %d.%d; run `make PYTHON=python3.12 …`" % sys.version_info[:2])
    LOG.parent.mkdir(parents=True, exist_ok=True)
    python, node_bin = VENV / "bin" / "python", VENV / "bin"
    lock = ROOT / "backend" / "requirements-dev.lock"
    distributions = [ROOT / "backend" / "resource_server", ROOT / "backend" / "api"]
    inputs = [lock, *(folder / "pyproject.toml" for folder in distributions)]
    npm_lock = ROOT / "frontend" / "package-lock.json"

    if not python.exists():
        step("Creating the virtual environment", [sys.executable, "-m", "venv", str(VENV)])
    if changed(VENV / ".installed", *inputs):
        pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
        step(
            "Installing Python packages, Node.js and Postgres (about a minute)",
            [*pip, "--require-hashes", "-r", str(lock)],
        )
        editable = [word for folder in distributions for word in ("-e", str(folder))]
        step("Linking the library and the service", [*pip, "--no-deps", "--no-build-isolation", *editable])
        remember(VENV / ".installed", *inputs)
    modules = ROOT / "frontend" / "node_modules"
    if changed(modules / ".installed", npm_lock):
        npm = [str(node_bin / "npm"), "ci", "--include=dev", "--no-audit", "--no-fund"]
        step("Installing JavaScript packages (about a minute)", npm, cwd=ROOT / "frontend", path=node_bin)
        remember(modules / ".installed", npm_lock)
    package = subprocess.run([str(python), "-m", "scripts.package"], cwd=ROOT, check=False)
    if package.returncode != 0:
        sys.exit(package.returncode)
    subprocess.run([str(python), "-m", "scripts.env_files"], cwd=ROOT, check=True)


def step(title: str, command: "list[str]", cwd: Path = ROOT, path: "Path | None" = None) -> None:
    """Runs one command, its output kept in the log, with a sign of life every ten seconds."""
    print(title + " …", flush=True)
    environment = dict(os.environ)
    if path:
        environment["PATH"] = "%s%s%s" % (path, os.pathsep, environment.get("PATH", ""))
    started = time.monotonic()
    with LOG.open("ab") as log:
        offset = log.tell()
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=log, stderr=subprocess.STDOUT)
        while True:
            try:
                status = process.wait(timeout=HEARTBEAT)
                break
            except subprocess.TimeoutExpired:
                print("  still at it, %d s" % (time.monotonic() - started), flush=True)
            except KeyboardInterrupt:
                process.terminate()
                process.wait()
                sys.exit(130)
    if status != 0:
        with LOG.open("rb") as log:
            log.seek(offset)
            tail = log.read().decode(errors="replace").splitlines()[-15:]
        print("\n".join("  " + line for line in tail), file=sys.stderr)
        sys.exit("%s failed; the whole output is in %s" % (title.split(" (", maxsplit=1)[0], LOG.relative_to(ROOT)))


def fingerprint(*files: Path) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def changed(stamp: Path, *files: Path) -> bool:
    return not stamp.exists() or stamp.read_text() != fingerprint(*files)


def remember(stamp: Path, *files: Path) -> None:
    stamp.write_text(fingerprint(*files))


if __name__ == "__main__":
    main()
