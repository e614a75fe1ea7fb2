"""Builds the frontend for production, unless the last build is of the same sources."""

import hashlib
import os
import subprocess
from pathlib import Path

from scripts.entry import enter
from scripts.package import build_package
from scripts.paths import BIN, FRONTEND, NODE, RUN_SOURCE

STAMP = FRONTEND / ".next" / ".built"
SOURCES = (
    "src",
    "packages/better-auth-revocation/dist",
    "public",
    "scripts",
    "server.ts",
    "next.config.ts",
    "postcss.config.mjs",
    "tsconfig.json",
    "package-lock.json",
)


def build() -> None:
    """Raises subprocess.CalledProcessError when the build fails."""
    build_package()
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("Building the frontend (about half a minute) …", flush=True)
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "NEXT_TELEMETRY_DISABLED": "1"}
    environment.pop("NODE_ENV", None)
    command = [str(NODE), "node_modules/next/dist/bin/next", "build"]
    subprocess.run(command, cwd=FRONTEND, env=environment, check=True)
    subprocess.run([*RUN_SOURCE, "scripts/static-policies.ts"], cwd=FRONTEND, env=environment, check=True)
    STAMP.write_text(wanted)


def fingerprint() -> str:
    digest = hashlib.sha256()
    for source in SOURCES:
        path = FRONTEND / source
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in filter(Path.exists, files):
            digest.update(str(file.relative_to(FRONTEND)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    enter(build)
