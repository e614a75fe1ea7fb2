"""What the stack that `make dev` or `make start` runs was given besides the files and the environment; no secret."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.alive import is_alive
from scripts.paths import DATA

FILE = DATA / "running.json"


@contextmanager
def recorded(variables: Mapping[str, str], file: Path = FILE) -> Iterator[None]:
    """For as long as the block runs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"process": os.getpid(), "variables": dict(variables)}))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def running(file: Path = FILE) -> dict[str, str]:
    """The variables of the stack that runs; none when no stack does."""
    variables: dict[str, str] = read(file).get("variables", {})
    return variables


def process(file: Path = FILE) -> int | None:
    """The process that runs the stack."""
    number: int | None = read(file).get("process")
    return number


def read(file: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(file.read_text())
        return state if is_alive(state["process"], file) else {}
    except (OSError, ValueError, KeyError):
        return {}
