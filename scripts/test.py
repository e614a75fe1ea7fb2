"""The tests: units of both sides, the service, and the whole stack with a browser.

Without `--all`, tests that take long (marker `long`) are left out, and the suites run side by side. With `--all` they
run one after another, because some of the long ones load the machine on purpose, and the library is tested on other
versions of Python and of its dependencies too (`scripts.matrix`). Other arguments are pytest's.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from scripts.build import build
from scripts.entry import enter
from scripts.paths import API, BIN, FRONTEND, LIBRARY, NODE, ROOT

ALL = "--all"
NO_TESTS_COLLECTED = 5
"""Pytest's exit status when every test was left out."""
AT_ONCE = 3
"""Suites that run side by side: each waits for much of its time."""
printing = Lock()


@dataclass(frozen=True)
class Suite:
    name: str
    folder: Path
    command: list[str]
    needs_build: bool = True

    def run(self, environment: dict[str, str], built: Future[None]) -> bool:
        """Whether all its tests passed. Prints its output when it has ended."""
        if self.needs_build:
            built.result()
        started = time.monotonic()
        with tempfile.TemporaryFile() as output:
            status = subprocess.run(
                self.command, cwd=self.folder, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False
            ).returncode
            passed = status in (0, NO_TESTS_COLLECTED)
            seconds = time.monotonic() - started
            output.seek(0)
            with printing:
                print(output.read().decode(errors="replace"))
                print(f"{self.name}: {'passed' if passed else 'failed'} in {seconds:.0f} s", flush=True)
        return passed


def pytest(name: str, folder: Path, *paths: str) -> Suite:
    """Skipped tests are listed with their reasons at the end (`-ra`, in backend/pyproject.toml)."""
    left_out = [] if ALL in sys.argv else ["-m", "not long"]
    return Suite(name, folder, [str(BIN / "pytest"), *left_out, *paths], needs_build=folder != LIBRARY)


def suites() -> list[Suite]:
    """First the library, which needs no build; the browser late, because it keeps both cores busy."""
    chosen = [argument for argument in sys.argv[1:] if argument != ALL]
    if chosen:
        return [pytest("Library", LIBRARY, *chosen), pytest("Service and whole stack", API, *chosen)]
    browser, logs = "tests/system/test_browser.py", "tests/system/test_zz_logs.py"
    names = sorted(f"tests/system/{path.name}" for path in (API / "tests/system").glob("test_*.py"))
    others = [name for name in names if name not in {browser, logs}]
    every = [
        pytest("Library", LIBRARY, "tests"),
        Suite("Frontend units", FRONTEND, [str(NODE), "node_modules/vitest/vitest.mjs", "run"]),
        # Each of the whole stack with one of its own, and with the test that reads its logs.
        pytest("Whole stack, one half", API, *others[::2], logs),
        pytest("Whole stack, the other half", API, *others[1::2], logs),
        pytest("Browser", API, browser, logs),
        pytest("Service", API, "tests", "--ignore=tests/system"),
    ]
    versions = Suite("Library on other versions", ROOT, [sys.executable, "-m", "scripts.matrix"])
    return [*every, versions] if ALL in sys.argv else every


def main() -> int:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    if ALL in sys.argv:
        environment["LONG_TESTS"] = "1"
    with ThreadPoolExecutor(1) as builder, ThreadPoolExecutor(1 if ALL in sys.argv else AT_ONCE) as pool:
        built = builder.submit(build)
        if ALL in sys.argv:
            built.result()
        passed = all(list(pool.map(lambda suite: suite.run(environment, built), suites())))
    if ALL not in sys.argv:
        print("Tests that take long were left out (pytest counts them as deselected): `make test-all` runs them.")
    return 0 if passed else 1


if __name__ == "__main__":
    enter(main)
