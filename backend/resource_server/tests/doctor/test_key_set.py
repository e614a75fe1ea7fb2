"""Each thing that can be wrong between an issuer and the settings is named, with the setting and the remedy."""

import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from typing import NamedTuple

import httpx
import pytest

from resource_server.doctor.finding import Level, exit_status
from resource_server.doctor.key_set import examine_key_set
from resource_server.settings import ResourceServerSettings
from resource_server.testing.issuer import FakeIssuer


def announcing(issuer: FakeIssuer, **changes: str) -> None:
    said = {"Issuer": issuer.settings.issuer, "Audience": issuer.settings.audience, "Algorithm": "EdDSA", **changes}
    issuer.headers = {f"Token-{name}": value for name, value in said.items()}


async def examine(issuer: FakeIssuer, settings: ResourceServerSettings | None = None) -> dict[str, str]:
    """Code and words of each finding."""
    async with issuer.client() as client:
        findings, _ = await examine_key_set(settings or issuer.settings, client)
    return {finding.code: str(finding) for finding in findings}


class Fault(NamedTuple):
    settings: Callable[[FakeIssuer], ResourceServerSettings]
    code: str
    words: tuple[str, ...]


def with_issuer(change: Callable[[str], str]) -> Callable[[FakeIssuer], ResourceServerSettings]:
    return lambda issuer: replace(issuer.settings, issuer=change(issuer.settings.issuer))


FAULTS = {
    "another issuer": Fault(
        with_issuer(lambda _: "https://other.example"),
        "issuer_mismatch",
        ("but AUTH_ISSUER is https://other.example", "set AUTH_ISSUER to https://"),
    ),
    "an issuer with a slash": Fault(
        with_issuer(lambda name: name + "/"), "issuer_mismatch", ("differ in the slash at the end", "set AUTH_ISSUER")
    ),
    "an issuer with http": Fault(
        with_issuer(lambda name: name.replace("https:", "http:")),
        "issuer_mismatch",
        ("differ in http:// and https://", "set AUTH_ISSUER"),
    ),
    "another audience": Fault(
        lambda issuer: replace(issuer.settings, audience="https://other.example"),
        "audience_mismatch",
        ("but AUTH_AUDIENCE is https://other.example", "set AUTH_AUDIENCE to", "the identity provider's audience to"),
    ),
    "an algorithm that is not accepted": Fault(
        lambda issuer: replace(issuer.settings, algorithms=("RS256",)),
        "algorithm_not_accepted",
        ("signed with EdDSA, which AUTH_ALGORITHMS does not accept", "add EdDSA to AUTH_ALGORITHMS"),
    ),
    "a wrong path": Fault(
        lambda issuer: replace(issuer.settings, jwks_url=issuer.jwks_url + "s"),
        "key_set_wrong",
        ("(AUTH_JWKS_URL) gives no key set: the answer has status 404", "correct its path", "/api/auth/jwks"),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_setting_that_does_not_fit_is_named_with_its_remedy(fake_issuer: FakeIssuer, name: str) -> None:
    announcing(fake_issuer)
    assert await examine(fake_issuer) == {"ok": f"Key set of 1 at {fake_issuer.jwks_url}"}
    found = await examine(fake_issuer, FAULTS[name].settings(fake_issuer))
    assert list(found) == [FAULTS[name].code]
    for words in FAULTS[name].words:
        assert words in found[FAULTS[name].code]


async def test_an_issuer_that_says_nothing_about_its_tokens_gives_no_fault(fake_issuer: FakeIssuer) -> None:
    settings = replace(fake_issuer.settings, issuer="https://other.example", audience="another")
    assert list(await examine(fake_issuer, settings)) == ["ok"]


async def test_a_host_that_does_not_answer_is_distinguished_from_a_wrong_path(fake_issuer: FakeIssuer) -> None:
    settings = replace(fake_issuer.settings, jwks_url="http://127.0.0.1:9/jwks")
    async with httpx.AsyncClient() as client:
        (found,), _ = await examine_key_set(settings, client)
    assert (found.code, found.level) == ("key_set_unreachable", Level.FAULT)
    assert "127.0.0.1:9 (AUTH_JWKS_URL) does not answer" in str(found)
    assert "correct host and port of AUTH_JWKS_URL" in found.remedy


async def test_a_page_instead_of_a_key_set_is_a_wrong_path(fake_issuer: FakeIssuer) -> None:
    fake_issuer.respond = lambda _: httpx.Response(200, text="<html>")
    found = await examine(fake_issuer)
    assert list(found) == ["key_set_wrong"]


async def test_a_remaining_key_of_another_algorithm_is_named(fake_issuer: FakeIssuer) -> None:
    announcing(fake_issuer)
    left = fake_issuer.rotate_aside("RS256")
    accepted = await examine(fake_issuer)
    assert list(accepted) == ["former_algorithm_key"]
    assert f"key {left.key_id} of another algorithm is left: it is for RS256" in accepted["former_algorithm_key"]
    assert f"run `npx better-auth-revocation keys retire {left.key_id}`" in accepted["former_algorithm_key"]

    refused = await examine(fake_issuer, replace(fake_issuer.settings, algorithms=("EdDSA",)))
    assert list(refused) == ["other_algorithm_key"]
    assert "which AUTH_ALGORITHMS does not accept: its tokens are refused" in refused["other_algorithm_key"]


async def test_a_key_set_without_a_key_is_named(fake_issuer: FakeIssuer) -> None:
    fake_issuer.keys.clear()
    assert "let the identity provider issue a token" in (await examine(fake_issuer))["no_usable_key"]


@pytest.mark.parametrize(("ahead", "codes"), [(120, ["clock_behind"]), (20, ["ok"]), (-120, ["ok"])])
async def test_a_clock_behind_the_issuer_s_by_more_than_the_leeway_is_named(
    fake_issuer: FakeIssuer, ahead: int, codes: list[str]
) -> None:
    fake_issuer.headers = {"Date": formatdate(time.time() + ahead, usegmt=True)}
    found = await examine(fake_issuer)
    assert list(found) == codes
    if codes != ["ok"]:
        assert "behind the issuer's" in found["clock_behind"]
        assert "synchronise" in found["clock_behind"]


async def test_a_former_key_is_a_warning_and_not_a_fault(fake_issuer: FakeIssuer) -> None:
    announcing(fake_issuer)
    fake_issuer.rotate_aside("RS256")
    async with fake_issuer.client() as client:
        findings, _ = await examine_key_set(fake_issuer.settings, client)
        assert exit_status(findings) == 0
        refusing = replace(fake_issuer.settings, algorithms=("RS256",))
        findings, _ = await examine_key_set(refusing, client)
        assert exit_status(findings) == 1
