"""The identity provider's own judgement of its settings and of its database, by its own program."""

import json
import os
import subprocess

from resource_server.doctor.finding import Finding, fault
from scripts.doctor.in_use import InUse
from scripts.paths import BIN, FRONTEND, NODE

SUBJECT = "Identity provider's settings"
UNREACHABLE = "unreachable"


def examine(use: InUse) -> list[Finding]:
    if not NODE.exists():
        return []
    environment = {**use.web, "PATH": f"{BIN}:{os.environ.get('PATH', '')}"}
    # Without the file of variables: those that are in use are in the environment.
    command = [str(NODE), "--import", "./scripts/allow-server-only.ts", "scripts/doctor.ts"]
    answer = subprocess.run(command, cwd=FRONTEND, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        return [fault(SUBJECT, "doctor_failed", "its own examination could not run", "run `make setup`")]
    lines: list[str] = json.loads(answer.stdout.splitlines()[-1])
    # An unreachable database is named by the examination of databases.
    return [judged(line) for line in lines if not line.startswith(UNREACHABLE)] or [Finding(f"{SUBJECT} can work")]


def judged(line: str) -> Finding:
    """Of `VARIABLE what is wrong; the remedy`."""
    problem, _, remedy = line.partition("; ")
    variable = problem.split(" ", 1)[0].lower()
    return fault(SUBJECT, f"setting_{variable}", problem, remedy or f"correct {variable.upper()}")
