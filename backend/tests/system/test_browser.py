"""The pages, in a real Chromium."""

import os
import subprocess

from scripts.browser import require_chromium
from scripts.paths import BIN, FRONTEND, NODE
from scripts.running import RunningStack


def test_the_pages_work_in_a_browser(stack: RunningStack) -> None:
    chromium = require_chromium()
    environment = {
        **os.environ,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "BASE_URL": stack.web,
        "API_URL": stack.api,
        "DATABASE_URL": stack.urls.owner,
        **({"CHROMIUM_PATH": chromium} if chromium else {}),
    }
    command = [str(NODE), "node_modules/@playwright/test/cli.js", "test", "--reporter=line"]
    result = subprocess.run(command, cwd=FRONTEND, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]
