"""The snapshot of the key set: a restart while the issuer is down, and files that must not be trusted."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from resource_server.jwks import snapshot as jwks_snapshot
from resource_server.server import ResourceServer
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.verification.errors import KeysUnavailable

DAY = 86_400


@pytest.fixture
def fake_issuer(fake_clock: FakeClock, tmp_path: Path) -> FakeIssuer:
    issuer = FakeIssuer(clock=fake_clock)
    issuer.settings = replace(issuer.settings, key_set_snapshot=tmp_path / "keys" / "snapshot.json")
    return issuer


@asynccontextmanager
async def _serving(issuer: FakeIssuer, clock: FakeClock) -> AsyncIterator[ResourceServer]:
    async with (
        issuer.client() as client,
        ResourceServer(issuer.settings, client=client, clock=clock) as server,
    ):
        await clock.settle()
        yield server


def _path(issuer: FakeIssuer) -> Path:
    assert issuer.settings.key_set_snapshot is not None
    return issuer.settings.key_set_snapshot


@pytest.fixture
async def snapshot(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> Path:
    """Left behind by a first run; the issuer is down from now on."""
    async with _serving(fake_issuer, fake_clock):
        pass
    fake_issuer.respond = lambda _: httpx.Response(503)
    return _path(fake_issuer)


def _unlink(path: Path) -> None:
    path.unlink()


def _set_mode(path: Path, mode: int) -> None:
    path.chmod(mode)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


async def _is_believed(issuer: FakeIssuer, clock: FakeClock) -> bool:
    async with _serving(issuer, clock) as server:
        return server.key_set().usable


async def test_a_restart_while_the_issuer_is_down_verifies_from_the_snapshot(
    snapshot: Path, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    assert _mode(snapshot) == 0o600
    async with _serving(fake_issuer, fake_clock) as server:
        assert (await server.authenticate(fake_issuer.token())).subject == "user-1"


async def test_a_restart_does_not_reset_the_age_of_the_keys(
    snapshot: Path, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    assert _mode(snapshot) == 0o600
    await fake_clock.advance(DAY)
    assert await _is_believed(fake_issuer, fake_clock)
    await fake_clock.advance(1)
    assert not await _is_believed(fake_issuer, fake_clock)


async def test_a_set_that_another_process_has_fetched_is_used(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    async with _serving(fake_issuer, fake_clock):
        pass
    kept = _path(fake_issuer).read_bytes()
    _unlink(_path(fake_issuer))
    fake_issuer.respond = lambda _: httpx.Response(503)
    async with _serving(fake_issuer, fake_clock) as late:
        assert not late.key_set().usable
        _path(fake_issuer).touch(mode=0o600)
        _path(fake_issuer).write_bytes(kept)
        await fake_clock.advance(5)
        assert late.key_set().usable
        assert (await late.authenticate(fake_issuer.token())).subject == "user-1"


async def test_without_a_snapshot_a_restart_during_an_outage_is_an_outage(
    snapshot: Path, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    _unlink(snapshot)
    async with _serving(fake_issuer, fake_clock) as server:
        request = asyncio.create_task(server.authenticate(fake_issuer.token()))
        await fake_clock.advance(1)
        with pytest.raises(KeysUnavailable):
            await request


def _edited(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    def edit(text: str) -> str:
        content = json.loads(text)
        change(content)
        return json.dumps(content)

    return edit


DAMAGED: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "half": lambda text: text[: len(text) // 2],
    "not an object": lambda _: "[]",
    "one octet changed": lambda text: text.replace("key-1", "key-2"),
    "without checksum": _edited(lambda content: content.pop("checksum")),
    "of another format": _edited(lambda content: content.update(format=2)),
    "far too large": lambda text: text + " " * 2_000_000,
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
async def test_a_damaged_snapshot_is_ignored(
    damage: Callable[[str], str], snapshot: Path, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    _edit(snapshot, damage)
    assert not await _is_believed(fake_issuer, fake_clock)


@pytest.mark.parametrize("setting", ["issuer", "jwks_url"])
async def test_a_snapshot_of_another_issuer_is_ignored(
    setting: str, snapshot: Path, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    content = jwks_snapshot.read(snapshot, fake_issuer.settings.issuer, fake_issuer.settings.jwks_url)
    other = replace(content, issuer="https://other.test") if setting == "issuer" else replace(content, jwks_url="x")
    jwks_snapshot.write(snapshot, other)
    assert not await _is_believed(fake_issuer, fake_clock)


async def test_a_snapshot_from_the_future_is_ignored(
    snapshot: Path, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    assert _mode(snapshot) == 0o600
    fake_clock.now -= DAY
    assert not await _is_believed(fake_issuer, fake_clock)


async def test_a_snapshot_that_others_can_write_is_ignored(
    snapshot: Path, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    _set_mode(snapshot, 0o666)
    assert not await _is_believed(fake_issuer, fake_clock)
    _set_mode(snapshot, 0o600)
    assert await _is_believed(fake_issuer, fake_clock)


async def test_a_snapshot_that_cannot_be_written_is_not_an_error(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_text("a file where a folder should be", encoding="utf-8")
    async with _serving(fake_issuer, fake_clock) as server:
        assert (await server.authenticate(fake_issuer.token())).subject == "user-1"


async def test_writing_leaves_no_temporary_file_behind(snapshot: Path) -> None:
    assert [path.name for path in snapshot.parent.iterdir()] == [snapshot.name]
