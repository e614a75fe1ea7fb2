"""The npm package beside the identity provider, on versions of Postgres down to the oldest that it works with."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.browser import apt_install
from scripts.paths import BIN, FRONTEND, NODE
from shared_fixtures.postgres import embedded_postgres

POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def postgres_15() -> Iterator[str]:
    """The superuser's address of a Postgres 15 on a Unix socket; Debian's, which root can have installed."""
    if not POSTGRES_15.exists() and not apt_install("postgresql-15"):
        pytest.skip("Postgres 15 is not installed, and only root can install it (Debian: postgresql-15)")
    folder = Path(tempfile.mkdtemp(prefix="postgres-15-"))
    as_owner = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    control = [*as_owner, str(POSTGRES_15 / "pg_ctl"), "-D", str(folder / "data"), "-w", "-s"]

    def run(*arguments: str) -> None:
        subprocess.run([*control, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run("initdb", "-o", "-A trust -U postgres")
    run("-l", str(folder / "log"), "-o", f"-c listen_addresses='' -k {folder}", "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run("-m", "immediate", "stop")
        shutil.rmtree(folder)


def run_vitest(*options: str, **variables: str) -> None:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **variables}
    vitest = [str(NODE), "node_modules/vitest/vitest.mjs", "run", *options]
    result = subprocess.run(vitest, cwd=FRONTEND, env=environment, check=False, capture_output=True, text=True)
    print(result.stdout[-2000:])
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]


@pytest.mark.long
def test_the_packages_tests_pass_on_postgres_15(postgres_15: str) -> None:
    run_vitest("packages", PACKAGE_TEST_POSTGRES=postgres_15)


@pytest.mark.long
def test_the_packages_tests_pass_on_postgres_16() -> None:
    with embedded_postgres(16) as address:
        run_vitest("packages", PACKAGE_TEST_POSTGRES=address)


@pytest.mark.long
@pytest.mark.parametrize("name", ["adoption", "examples", "next", "prisma"])
def test_applications_work_with_the_packed_package_on_postgres_15(postgres_15: str, name: str) -> None:
    path = f"packages/better-auth-revocation/test/{name}.test.ts"
    run_vitest(path, PACKAGE_TEST_POSTGRES=postgres_15, LONG_TESTS="1")


@pytest.mark.long
def test_nextjs_applications_are_adopted_built_and_run_by_the_packed_package_and_the_wheel() -> None:
    run_vitest("packages/better-auth-revocation/test/next.test.ts", LONG_TESTS="1")
