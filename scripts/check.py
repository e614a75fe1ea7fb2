"""Lint, format, types and drift on both sides; `--write` formats instead."""

import os
import subprocess
import sys
import time
from pathlib import Path

from scripts.entry import enter
from scripts.package import PACKAGE
from scripts.paths import API, BACKEND, BIN, FRONTEND, LIBRARY, NODE, ROOT

PYTHON_SOURCES = [".", "../scripts", "../frontend/test"]
MYPY = [str(BIN / "mypy"), "--config-file", str(BACKEND / "pyproject.toml"), "src", "tests"]
BIOME = [str(NODE), "node_modules/@biomejs/biome/bin/biome", "check"]
NEXT = [str(NODE), "node_modules/next/dist/bin/next"]
TSC = [str(NODE), "node_modules/typescript/bin/tsc", "--noEmit"]
MODULES = FRONTEND / "node_modules"
BUILD = [sys.executable, "-m", "scripts.package"]
PUBLINT = [str(NODE), str(MODULES / "publint/src/cli.js"), "--strict", "--pack", "false"]
ATTW = [str(NODE), str(MODULES / "@arethetypeswrong/cli/dist/index.js"), "--pack", ".", "--profile", "esm-only"]

CHECKS: list[tuple[str, list[str], Path]] = [
    ("Python lint", [str(BIN / "ruff"), "check", *PYTHON_SOURCES], BACKEND),
    ("Python format", [str(BIN / "ruff"), "format", "--check", *PYTHON_SOURCES], BACKEND),
    ("Types of the library", MYPY, LIBRARY),
    ("Types of the service", [*MYPY, str(BACKEND / "shared_fixtures"), str(ROOT / "scripts")], API),
    ("Python imports", [str(BIN / "lint-imports")], BACKEND),
    ("TypeScript lint and format", [*BIOME, "--error-on-warnings", "."], FRONTEND),
    ("Next.js route types", [*NEXT, "typegen"], FRONTEND),
    ("Package build", BUILD, ROOT),
    ("TypeScript types", TSC, FRONTEND),
    ("Package contents", PUBLINT, PACKAGE),
    ("Package types", ATTW, PACKAGE),
    ("Contract", [sys.executable, "-m", "scripts.contract", "--check"], ROOT),
]
FIXES: list[tuple[str, list[str], Path]] = [
    ("Python lint", [str(BIN / "ruff"), "check", "--fix", *PYTHON_SOURCES], BACKEND),
    ("Python format", [str(BIN / "ruff"), "format", *PYTHON_SOURCES], BACKEND),
    ("TypeScript lint and format", [*BIOME, "--write", "."], FRONTEND),
]


def main() -> int:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "NEXT_TELEMETRY_DISABLED": "1"}
    failed = []
    for title, command, folder in FIXES if "--write" in sys.argv else CHECKS:
        started = time.monotonic()
        result = subprocess.run(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        print(
            f"{'ok    ' if result.returncode == 0 else 'FAILED'} {title} ({time.monotonic() - started:.1f} s)",
            flush=True,
        )
        if result.returncode != 0:
            failed.append(title)
            print(result.stdout.decode(errors="replace"), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    enter(main)
