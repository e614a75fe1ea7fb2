"""The pages, in a real Chromium."""

import shutil
import subprocess

import pytest

from scripts.browser import require_chromium
from scripts.paths import FRONTEND, NODE
from scripts.stack.isolated import RunningStack, running_stack, short_lived_folder

REPETITIONS = 20


def run_in_a_browser(stack: RunningStack, *options: str, **variables: str) -> None:
    chromium = require_chromium()
    environment = {
        **stack.services["web"].environment,
        "BASE_URL": stack.web,
        "API_URL": stack.api,
        **({"CHROMIUM_PATH": chromium} if chromium else {}),
        **variables,
    }
    command = [str(NODE), "node_modules/@playwright/test/cli.js", "test", "--reporter=dot", *options]
    result = subprocess.run(command, cwd=FRONTEND, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]


def test_the_pages_work_in_a_browser(stack: RunningStack) -> None:
    run_in_a_browser(stack)


@pytest.mark.long
def test_the_pages_work_every_time(stack: RunningStack) -> None:
    run_in_a_browser(stack, f"--repeat-each={REPETITIONS}")


@pytest.mark.long
def test_the_pages_work_on_a_slow_device(stack: RunningStack) -> None:
    """And each test waits for what it needs: a race that is lost once in a thousand runs is lost here."""
    run_in_a_browser(stack, SLOW="4")


@pytest.mark.long
def test_every_state_of_the_pages_is_accessible(stack: RunningStack) -> None:
    run_in_a_browser(stack, "e2e/accessibility.e2e.ts", "e2e/states.e2e.ts", STATES="1")


@pytest.mark.long
def test_pages_are_there_soon(stack: RunningStack) -> None:
    run_in_a_browser(stack, "e2e/speed.e2e.ts", "--workers=1", SPEED="1")


@pytest.mark.long
def test_the_lab_shows_each_process_refuse_a_revoked_token() -> None:
    settings = {"LAB_ENABLED": "true", "LAB_CAPACITY": "50", "LAB_RATE_LIMIT": "500"}
    with short_lived_folder() as folder, running_stack(folder, settings) as stack:
        run_in_a_browser(stack, "e2e/lab.e2e.ts", "--workers=1", LAB="1")


@pytest.mark.long
def test_the_lab_opens_in_development_where_the_server_compiles_what_is_asked_for() -> None:
    shutil.rmtree(FRONTEND / ".next" / "dev", ignore_errors=True)
    with (
        short_lived_folder() as folder,
        running_stack(folder, {"LAB_ENABLED": "true"}, mode="development") as stack,
    ):
        run_in_a_browser(stack, "e2e/lab.e2e.ts", "--grep=the ordinary check goes on", LAB="1")
