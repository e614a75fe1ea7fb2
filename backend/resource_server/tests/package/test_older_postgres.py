"""The feed on an older Postgres than the one that all tests use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@pytest.mark.long
def test_the_feed_s_tests_pass_on_postgres_16() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not long", str(TESTS / "revocation"), str(TESTS / "doctor")]
    environment = {**os.environ, "TEST_POSTGRES_VERSION": "16"}
    result = subprocess.run(
        command, cwd=TESTS.parent, env=environment, check=False, capture_output=True, text=True, timeout=1200
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
