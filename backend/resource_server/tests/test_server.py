"""The remembered tokens, the revocations, and what is counted."""

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import FrozenInstanceError, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from resource_server.metrics import Metrics
from resource_server.revocation.protocol import RevocationList
from resource_server.server import ResourceServer
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.turns import PER_TURN
from resource_server.verification.errors import (
    AuthenticationError,
    RevocationStale,
    TokenExpired,
    TokenInvalid,
    TokenRevoked,
)
from resource_server.verification.keys import VerificationKey
from resource_server.verification.principal import Principal
from resource_server.verification.profile import TokenProfile
from resource_server.verification.rules import Rule

INF = float("inf")


class Revocations:
    """Revocations as a test sets them."""

    def __init__(self) -> None:
        self.sessions: set[str] = set()
        self.versions: dict[str, int] = {}
        self.age = 0.0
        self.refreshed: Callable[[], None] | None = None

    def is_revoked(self, principal: Principal) -> bool:
        version = principal.token_version or 0
        return principal.session_id in self.sessions or version < self.versions.get(principal.subject, 0)

    def staleness(self) -> float:
        return self.age

    async def refresh(self) -> None:
        if self.refreshed is None:
            raise TimeoutError
        self.refreshed()


@dataclass(frozen=True, kw_only=True)
class Member(Principal):
    """A principal with a claim of its own."""

    team: str

    @classmethod
    def values(cls, claims: Mapping[str, Any]) -> dict[str, Any]:
        return super().values(claims) | {"team": claims["team"]}


@pytest.fixture
def fake_issuer(fake_clock: FakeClock) -> FakeIssuer:
    return FakeIssuer(clock=fake_clock)


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each signature that was checked."""
    checked: list[str] = []
    verify = VerificationKey.verify

    def counting(key: VerificationKey, signing_input: bytes, signature: bytes) -> bool:
        checked.append(key.key_id)
        return verify(key, signing_input, signature)

    monkeypatch.setattr(VerificationKey, "verify", counting)
    return checked


@asynccontextmanager
async def _serving(
    issuer: FakeIssuer,
    clock: FakeClock,
    *,
    revocations: RevocationList | None = None,
    principal: type[Principal] = Principal,
    metrics: Metrics | None = None,
) -> AsyncIterator[ResourceServer]:
    async with (
        issuer.client() as client,
        ResourceServer(
            issuer.settings,
            client=client,
            clock=clock,
            revocations=revocations,
            principal=principal,
            metrics=metrics,
        ) as server,
    ):
        yield server


async def test_the_principal_says_who_is_calling(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        principal = await server.authenticate(fake_issuer.token(scopes=("notes:read", "notes:write"), version=3))
    assert (principal.subject, principal.session_id, principal.token_version) == ("user-1", "session-1", 3)
    assert principal.scopes == {"notes:read", "notes:write"}
    assert principal.roles == {"user"}
    assert (principal.email, principal.email_verified, principal.name) == ("user-1@example.com", True, "A User")
    assert (principal.issued_at, principal.expires_at) == (fake_clock(), fake_clock() + 30 * 86_400)
    assert principal.claims["sub"] == "user-1"


async def test_the_principal_cannot_be_changed(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        principal: Any = await server.authenticate(fake_issuer.token())
    with pytest.raises(FrozenInstanceError):
        principal.subject = "admin"
    with pytest.raises(TypeError):
        principal.claims["sub"] = "admin"


async def test_a_remembered_token_is_verified_once_and_needs_no_task_switch(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, verifications: list[str]
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        token = fake_issuer.token()
        first = await server.authenticate(token)
        call = server.authenticate(token)
        with pytest.raises(StopIteration) as done:
            call.send(None)
        assert done.value.value is first
        assert verifications == ["key-1"]


async def test_no_reference_to_a_token_is_kept(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        good, bad = fake_issuer.token(), fake_issuer.token()[:-4] + "AAAA"
        before = sys.getrefcount(good), sys.getrefcount(bad)
        await server.authenticate(good)
        with contextlib.suppress(TokenInvalid):
            await server.authenticate(bad)
        gc.collect()
        assert (sys.getrefcount(good), sys.getrefcount(bad)) == before


async def test_a_remembered_token_expires_in_the_right_second(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        token = fake_issuer.token(life=60)
        await server.authenticate(token)
        await fake_clock.advance(60 + fake_issuer.policy.leeway - 0.001)
        principal = await server.authenticate(token)
        await server.check_current(principal)
        await fake_clock.advance(0.001)
        with pytest.raises(TokenExpired):
            await server.authenticate(token)
        with pytest.raises(TokenExpired):
            await server.check_current(principal)


async def test_remembered_tokens_are_bounded(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, verifications: list[str]
) -> None:
    fake_issuer.settings = replace(fake_issuer.settings, token_cache_size=10)
    async with _serving(fake_issuer, fake_clock) as server:
        tokens = [fake_issuer.token() for _ in range(11)]
        for token in tokens:
            await server.authenticate(token)
        await server.authenticate(tokens[-1])
        assert len(verifications) == 11
        await server.authenticate(tokens[0])
        assert len(verifications) == 12


async def test_a_refusal_that_cost_a_signature_check_costs_it_once(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, verifications: list[str]
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        bad = fake_issuer.token()[:-4] + "AAAA"
        rules = set()
        for _ in range(5):
            with pytest.raises(TokenInvalid) as refusal:
                await server.authenticate(bad)
            rules.add(refusal.value.rule)
        assert rules == {Rule.SIGNATURE}
        assert len(verifications) == 1


async def test_a_flood_of_invalid_tokens_evicts_no_valid_one(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, verifications: list[str]
) -> None:
    fake_issuer.settings = replace(fake_issuer.settings, token_cache_size=10, refusal_cache_size=10)
    async with _serving(fake_issuer, fake_clock) as server:
        good = fake_issuer.token()
        await server.authenticate(good)
        for _ in range(50):
            with pytest.raises(TokenInvalid):
                await server.authenticate(fake_issuer.token()[:-4] + "AAAA")
        verifications.clear()
        await server.authenticate(good)
        assert verifications == []


async def test_a_token_from_the_near_future_is_accepted_once_it_is_valid(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        token = fake_issuer.token(nbf=fake_clock() + 60)
        with pytest.raises(TokenInvalid):
            await server.authenticate(token)
        await fake_clock.advance(60)
        await server.authenticate(token)


async def test_a_token_that_expired_by_a_clock_that_was_ahead_is_accepted_once_that_is_set_back(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        token, now = fake_issuer.token(), fake_clock.now
        fake_clock.now = now + 400 * 86_400
        with pytest.raises(TokenExpired):
            await server.authenticate(token)
        fake_clock.now = now
        await server.authenticate(token)


@pytest.mark.parametrize("token", ["", "\ud800", "a.b.c", "x" * 100_000], ids=["empty", "surrogate", "short", "long"])
async def test_any_text_is_refused_as_an_invalid_token(
    token: str, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        with pytest.raises(TokenInvalid):
            await server.authenticate(token)


async def test_a_subclass_adds_claims(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    async with _serving(fake_issuer, fake_clock, principal=Member) as server:
        member = await server.authenticate(fake_issuer.token(team="blue"))
        assert isinstance(member, Member)
        assert member.team == "blue"
        with pytest.raises(TokenInvalid) as refusal:
            await server.authenticate(fake_issuer.token())
        assert refusal.value.rule is Rule.PRINCIPAL


async def test_a_revoked_session_is_refused_whether_or_not_its_token_is_remembered(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    revocations = Revocations()
    async with _serving(fake_issuer, fake_clock, revocations=revocations) as server:
        token, other = fake_issuer.token(), fake_issuer.token(session_id="session-2")
        principal = await server.authenticate(token)
        await server.check_current(principal)
        revocations.sessions.add("session-1")
        for refused in (token, fake_issuer.token()):
            with pytest.raises(TokenRevoked):
                await server.authenticate(refused)
        with pytest.raises(TokenRevoked):
            await server.check_current(principal)
        await server.authenticate(other)


async def test_a_lower_version_is_refused_and_the_current_one_is_not(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    revocations = Revocations()
    async with _serving(fake_issuer, fake_clock, revocations=revocations) as server:
        old = fake_issuer.token(version=1)
        await server.authenticate(old)
        revocations.versions["user-1"] = 2
        with pytest.raises(TokenRevoked):
            await server.authenticate(old)
        await server.authenticate(fake_issuer.token(version=2))


@pytest.mark.parametrize("claim", ["sid", "ver"])
async def test_a_token_that_could_not_be_revoked_is_refused_where_revocations_count(
    claim: str, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    claims = {name: value for name, value in fake_issuer.claims().items() if name != claim}
    token = fake_issuer.keys[-1].token(claims)
    async with _serving(fake_issuer, fake_clock) as server:
        await server.authenticate(token)
    async with _serving(fake_issuer, fake_clock, revocations=Revocations()) as server:
        with pytest.raises(TokenInvalid) as refusal:
            await server.authenticate(token)
        assert refusal.value.rule is Rule.CLAIM_MISSING


async def test_a_stock_token_is_accepted_until_it_expires_where_that_is_configured(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    fake_issuer.settings = replace(fake_issuer.settings, accept_stock_tokens=True)
    revocations = Revocations()
    async with _serving(fake_issuer, fake_clock, revocations=revocations) as server:
        claims = {name: value for name, value in fake_issuer.claims().items() if name not in {"sid", "ver"}}
        claims["exp"] = claims["iat"] + 3_600
        stock = fake_issuer.keys[-1].token(claims)
        assert (await server.authenticate(stock)).session_id is None
        revocations.sessions.add("session-1")
        with pytest.raises(TokenRevoked):
            await server.authenticate(fake_issuer.token())
        assert (await server.authenticate(stock)).session_id is None
        await fake_clock.advance(claims["exp"] - claims["iat"] + 31)
        with pytest.raises(TokenExpired):
            await server.authenticate(stock)


@pytest.mark.parametrize("age", [0.0, 61.0, INF])
async def test_a_bound_that_is_not_a_number_accepts_nothing(
    age: float, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    revocations = Revocations()
    revocations.age = age
    async with _serving(fake_issuer, fake_clock, revocations=revocations) as server:
        token = fake_issuer.token()
        for bound in (float("nan"), -1.0):
            with pytest.raises(RevocationStale):
                await server.authenticate(token, max_revocation_staleness=bound)
            assert server.recall(token.encode(), max_revocation_staleness=bound) is None


@pytest.mark.parametrize(
    "error", [AttributeError(), IndexError(), ZeroDivisionError(), RecursionError(), AssertionError(), KeyError("team")]
)
async def test_any_exception_of_a_principal_is_an_invalid_token(
    error: Exception, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    class Failing(Principal):
        @classmethod
        def values(cls, claims: Mapping[str, Any]) -> dict[str, Any]:
            raise error.with_traceback(None) if claims else error

    async with _serving(fake_issuer, fake_clock, principal=Failing) as server:
        for _ in range(2):
            with pytest.raises(TokenInvalid) as refusal:
                await server.authenticate(fake_issuer.token())
            assert refusal.value.rule is Rule.PRINCIPAL


async def test_a_thousand_new_tokens_at_once_do_not_block_the_event_loop(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, verifications: list[str]
) -> None:
    in_one_turn: list[int] = []
    async with _serving(fake_issuer, fake_clock) as server:
        await server.authenticate(fake_issuer.token())
        requests = [asyncio.create_task(server.authenticate(fake_issuer.token())) for _ in range(1000)]
        requests[500].cancel()
        while not all(request.done() for request in requests):
            verifications.clear()
            await asyncio.sleep(0)
            in_one_turn.append(len(verifications))
        assert max(in_one_turn) <= 2 * PER_TURN
        assert sum(in_one_turn) == 999


@pytest.mark.parametrize(
    ("bound", "override", "fresh"), [(60, None, 60), (60, 5, 5), (60, 600, 600), (0, None, 0), (5, 0, 0)]
)
async def test_a_view_older_than_its_bound_is_an_outage(
    bound: float, override: float | None, fresh: float, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    revocations = Revocations()
    fake_issuer.settings = replace(fake_issuer.settings, max_revocation_staleness=bound)
    async with _serving(fake_issuer, fake_clock, revocations=revocations) as server:
        token = fake_issuer.token()
        revocations.age = fresh
        await server.authenticate(token, max_revocation_staleness=override)
        for age in (fresh + 0.001, INF):
            revocations.age = age
            with pytest.raises(RevocationStale):
                await server.authenticate(token, max_revocation_staleness=override)


async def test_a_route_that_accepts_no_stale_view_waits_for_the_latest(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    revocations = Revocations()
    revocations.age = 3.0
    async with _serving(fake_issuer, fake_clock, revocations=revocations) as server:
        token = fake_issuer.token()
        revocations.refreshed = lambda: None
        await server.authenticate(token, max_revocation_staleness=0)
        revocations.refreshed = lambda: revocations.sessions.add("session-1")
        with pytest.raises(TokenRevoked):
            await server.authenticate(token, max_revocation_staleness=0)


async def test_a_stale_view_still_refuses_revoked_tokens_as_revoked(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    revocations = Revocations()
    revocations.age = INF
    revocations.sessions.add("session-1")
    async with _serving(fake_issuer, fake_clock, revocations=revocations) as server:
        with pytest.raises(TokenRevoked):
            await server.authenticate(fake_issuer.token())


async def test_remembered_tokens_are_counted_within_a_second(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = CollectorRegistry()
    later: list[tuple[float, Callable[[], None]]] = []
    labels = {"issuer": fake_issuer.settings.issuer, "result": "accepted", "cache": "hit"}
    async with _serving(fake_issuer, fake_clock, metrics=Metrics(registry)) as server:
        token = fake_issuer.token()
        await server.authenticate(token)
        monkeypatch.setattr(asyncio.get_running_loop(), "call_later", lambda *call: later.append(call))
        for expected in (3.0, 6.0):
            assert [server.recall(token.encode()) is not None for _ in range(3)] == [True] * 3
            delay, settle = later.pop()
            assert (delay, later) == (1.0, [])
            settle()
            assert registry.get_sample_value("resource_server_verifications_total", labels) == expected


async def test_verifications_fetches_and_the_age_of_the_keys_are_counted(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    registry = CollectorRegistry()
    issuer = fake_issuer.settings.issuer

    def verified(result: str, cache: str) -> float | None:
        labels = {"issuer": issuer, "result": result, "cache": cache}
        return registry.get_sample_value("resource_server_verifications_total", labels)

    revocations = Revocations()
    async with _serving(fake_issuer, fake_clock, metrics=Metrics(registry), revocations=revocations) as server:
        token = fake_issuer.token()
        for _ in range(3):
            await server.authenticate(token)
        revocations.sessions.add("session-1")
        for refused in (token, "nonsense"):
            with pytest.raises(AuthenticationError):
                await server.authenticate(refused)
        assert (verified("accepted", "miss"), verified("accepted", "hit")) == (1, 2)
        assert (verified("token_revoked", "hit"), verified("token_invalid", "miss")) == (1, 1)
        fetches = {"issuer": issuer, "outcome": "fetched"}
        assert registry.get_sample_value("resource_server_key_set_fetches_total", fetches) == 1
        confirmed = registry.get_sample_value("resource_server_key_set_confirmed_timestamp_seconds", {"issuer": issuer})
        assert confirmed == fake_clock()
        times = registry.get_sample_value("resource_server_verification_seconds_count", {"issuer": issuer})
        assert times == 1


def test_the_age_of_the_keys_is_that_of_the_workers_that_live(tmp_path: Path) -> None:
    confirmed = """if True:
        import os, sys
        from prometheus_client import CollectorRegistry
        from resource_server.metrics import Metrics
        Metrics(CollectorRegistry()).key_set_confirmed.labels("https://idp.test").set(float(sys.argv[1]))
        print(os.getpid())
    """
    folder = str(tmp_path)
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": folder}
    command = [sys.executable, "-c", confirmed]
    dead, _ = [
        int(subprocess.run([*command, moment], env=environment, check=True, stdout=subprocess.PIPE).stdout)
        for moment in ("1000", "2000")
    ]
    forget: Callable[[int, str], object] = mark_process_dead
    forget(dead, folder)
    registry = CollectorRegistry()
    collect: Callable[[CollectorRegistry, str], object] = MultiProcessCollector
    collect(registry, folder)
    labels = {"issuer": "https://idp.test"}
    assert registry.get_sample_value("resource_server_key_set_confirmed_timestamp_seconds", labels) == 2000


async def test_two_servers_share_one_set_of_metrics(fake_clock: FakeClock) -> None:
    metrics = Metrics(CollectorRegistry())
    issuers = [FakeIssuer(issuer=f"https://idp-{name}.test", clock=fake_clock) for name in "ab"]
    for issuer in issuers:
        async with _serving(issuer, fake_clock, metrics=metrics) as server:
            await server.authenticate(issuer.token())


async def test_every_request_of_a_burst_with_one_new_token_is_answered(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        token = fake_issuer.token()
        principals = await asyncio.gather(*(server.authenticate(token) for _ in range(50)))
        assert {principal.subject for principal in principals} == {"user-1"}


async def test_an_issuer_without_versions_needs_neither_session_nor_version_where_revocations_count(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    fake_issuer.settings = replace(fake_issuer.settings, profile=TokenProfile(version=None))
    revocations = Revocations()
    async with _serving(fake_issuer, fake_clock, revocations=revocations) as server:
        claims = {name: value for name, value in fake_issuer.claims().items() if name not in {"sid", "ver"}}
        assert (await server.authenticate(fake_issuer.keys[-1].token(claims))).session_id is None
        with_session = fake_issuer.token(ver="2.0")
        assert (await server.authenticate(with_session)).session_id == "session-1"
        revocations.sessions.add("session-1")
        with pytest.raises(TokenRevoked):
            await server.authenticate(with_session)


@pytest.mark.parametrize(("claim", "setting"), [("aud", "audience"), ("iss", "issuer")])
async def test_a_wrong_audience_or_issuer_is_named_with_the_expected_one(
    claim: str, setting: str, fake_issuer: FakeIssuer, fake_clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        await fake_clock.settle()
        wrong = fake_issuer.keys[-1].token(fake_issuer.claims() | {claim: "https://other.test"})
        forged = wrong[:-4] + "AAAA"
        for token in (forged, wrong, wrong):
            with pytest.raises(TokenInvalid):
                await server.authenticate(token)
    expected = getattr(fake_issuer.settings, setting)
    message = f"the claim {claim} is 'https://other.test', and the setting {setting} is '{expected}'"
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == [f"a token with a good signature is refused: {message}; said once in 60 s"]
    assert wrong not in caplog.text
