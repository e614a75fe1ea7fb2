"""Installs everything that the project needs beneath its own folder; a second run has nothing to do.

Runs on the system's own Python, before anything is installed, so it uses the standard library alone. The Python of the
virtual environment stays the one that made it, unless `--named` says that the operator has chosen this one.
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
INTERRUPTED = 130


def main() -> None:
    LOG.parent.mkdir(parents=True, exist_ok=True)
    python, node_bin, installed = VENV / "bin" / "python", VENV / "bin", VENV / ".installed"
    lock = ROOT / "backend" / "requirements-dev.lock"
    distributions = [ROOT / "backend" / "resource_server", ROOT / "backend" / "api"]
    inputs = [lock, *(folder / "pyproject.toml" for folder in distributions)]
    npm_lock = ROOT / "frontend" / "package-lock.json"

    problem = why_unusable(VENV, named="--named" in sys.argv)
    if problem is not None:
        if sys.version_info < (3, 11):
            version = "%d.%d" % sys.version_info[:2]
            sys.exit("Python 3.11 or newer is needed, this is %s; run `make PYTHON=python3.12 …`" % version)
        if VENV.exists():
            print("Installing again: " + problem, flush=True)
        step("Creating the virtual environment", [sys.executable, "-m", "venv", "--clear", str(VENV)])
        installed.touch()
    version = python_of(VENV)
    if changed(installed, version, *inputs):
        pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
        step(
            "Installing Python packages, Node.js and Postgres (about a minute)",
            [*pip, "--require-hashes", "-r", str(lock)],
        )
        editable = [word for folder in distributions for word in ("-e", str(folder))]
        step("Linking the library and the service", [*pip, "--no-deps", "--no-build-isolation", *editable])
        remember(installed, version, *inputs)
    modules = ROOT / "frontend" / "node_modules"
    if changed(modules / ".installed", "", npm_lock):
        npm = [str(node_bin / "npm"), "ci", "--include=dev", "--no-audit", "--no-fund"]
        step("Installing JavaScript packages (about a minute)", npm, cwd=ROOT / "frontend", path=node_bin)
        remember(modules / ".installed", "", npm_lock)
    for module in ("scripts.package", "scripts.env_files"):
        ended = subprocess.run([str(python), "-m", module], cwd=ROOT, check=False)
        if ended.returncode != 0:
            sys.exit(ended.returncode)


def why_unusable(venv: Path, named: bool) -> "str | None":
    """What is wrong with it; None for a complete one of this folder, and of this Python if that was `named`."""
    if not (venv / ".installed").exists():
        return "the virtual environment was left incomplete"
    made_by = configuration(venv).get("command", "")
    if not made_by.endswith(" " + str(venv)):
        return "this folder was moved or copied"
    this = "%d.%d" % sys.version_info[:2]
    if named and python_of(venv) != this:
        return "PYTHON is %s, and the virtual environment has %s" % (this, python_of(venv))
    try:
        command = [str(venv / "bin" / "python"), "-I", "-c", "import pip"]
        works = subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        works = False
    return None if works else "the virtual environment's Python is gone, or has lost its packages"


def python_of(venv: Path) -> str:
    """The version, as in 3.11."""
    return ".".join(configuration(venv).get("version", "").split(".")[:2])


def configuration(venv: Path) -> "dict[str, str]":
    """What `python -m venv` has written of it."""
    try:
        lines = (venv / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in lines)}


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
                sys.exit(INTERRUPTED)
    if status != 0:
        with LOG.open("rb") as log:
            log.seek(offset)
            tail = log.read().decode(errors="replace").splitlines()[-15:]
        print("\n".join("  " + line for line in tail), file=sys.stderr)
        sys.exit("%s failed; the whole output is in %s" % (title.split(" (", maxsplit=1)[0], LOG.relative_to(ROOT)))


def fingerprint(version: str, *files: Path) -> str:
    digest = hashlib.sha256(version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def changed(stamp: Path, version: str, *files: Path) -> bool:
    return not stamp.exists() or stamp.read_text() != fingerprint(version, *files)


def remember(stamp: Path, version: str, *files: Path) -> None:
    stamp.write_text(fingerprint(version, *files))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as error:
        sys.exit("%s: %s" % (error.filename, error.strerror) if error.filename else str(error))
