"""The pages, in a real Chromium."""

import subprocess

import pytest

from scripts.browser import require_chromium
from scripts.paths import FRONTEND, NODE
from scripts.running import RunningStack

REPETITIONS = 20


def run_in_a_browser(stack: RunningStack, *options: str) -> None:
    chromium = require_chromium()
    environment = {
        **stack.services["web"].environment,
        "BASE_URL": stack.web,
        "API_URL": stack.api,
        **({"CHROMIUM_PATH": chromium} if chromium else {}),
    }
    command = [str(NODE), "node_modules/@playwright/test/cli.js", "test", "--reporter=line", *options]
    result = subprocess.run(command, cwd=FRONTEND, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]


def test_the_pages_work_in_a_browser(stack: RunningStack) -> None:
    run_in_a_browser(stack)


@pytest.mark.long
def test_the_pages_work_every_time(stack: RunningStack) -> None:
    run_in_a_browser(stack, f"--repeat-each={REPETITIONS}")
