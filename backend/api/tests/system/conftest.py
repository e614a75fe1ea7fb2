"""The whole production stack, once for all system tests, on a fresh embedded database."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from scripts.stack.isolated import RunningStack, running_stack, short_lived_folder
from tests.system.people import Person, sign_up

FEED_TOKEN = "a-service-credential-of-the-tests-only"


@pytest.fixture(scope="session")
def stack() -> Iterator[RunningStack]:
    with short_lived_folder() as folder, running_stack(folder, {"REVOCATION_FEED_TOKEN": FEED_TOKEN}) as running:
        yield running


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_lived_folder() as path:
        yield path


@pytest.fixture
def web(stack: RunningStack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.web, timeout=15) as client:
        yield client


@pytest.fixture
def api(stack: RunningStack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.api, timeout=15) as client:
        yield client


@pytest.fixture
def person(stack: RunningStack) -> Iterator[Person]:
    with sign_up(stack.web) as signed_up:
        yield signed_up
