"""`make doctor` on a stack that runs: green means that a token works and dies; what is wrong is named."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from resource_server.doctor.finding import Finding, exit_status, report
from scripts.doctor import account
from scripts.doctor.__main__ import examine
from scripts.doctor.in_use import InUse
from scripts.paths import ROOT
from scripts.stack.isolated import RunningStack


def of(stack: RunningStack) -> InUse:
    return InUse(
        *({name: value for name, value in stack.services[side].environment.items() if value} for side in ("web", "api"))
    )


def words_of(findings: list[Finding]) -> dict[str, str]:
    return {finding.code: str(finding) for finding in findings}


def test_a_working_stack_has_no_fault_and_the_revocation_is_measured(stack: RunningStack) -> None:
    findings = asyncio.run(examine(of(stack)))
    text = report(findings)
    assert exit_status(findings) == 0, text
    assert "revoked and refused there; revoking took" in text
    assert "its address is known, directly and through the API" in text
    assert not any(secret in text for secret in of(stack).secrets())
    with psycopg.connect(stack.urls.owner) as owner:
        left = owner.execute("""SELECT count(*) FROM auth."user" WHERE email LIKE '%@doctor.invalid'""").fetchone()
    assert left == (0,), "it leaves no user behind"


def test_it_reads_the_addresses_that_are_in_use(stack: RunningStack) -> None:
    environment = {**stack.services["web"].environment, "API_DATABASE_URL": stack.urls.api}
    command = [sys.executable, "-m", "scripts.doctor", "--json"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    said = json.loads(ended.stdout)
    assert (ended.returncode, said["ok"]) == (0, True), ended.stdout + ended.stderr
    assert any(stack.api in finding["subject"] for finding in said["findings"])


def test_another_secret_than_the_keys_is_named(stack: RunningStack) -> None:
    use = of(stack)
    web = {**use.web, "BETTER_AUTH_SECRET": use.web["BETTER_AUTH_SECRET"][::-1]}
    found = words_of(asyncio.run(examine(InUse(web, use.api))))
    assert "does not open the signing keys; restore the former secret" in found["setting_better_auth_secret"]


def test_a_key_set_of_another_host_is_named(stack: RunningStack) -> None:
    use = of(stack)
    found = words_of(
        asyncio.run(examine(InUse(use.web, {**use.api, "AUTH_JWKS_URL": "http://127.0.0.1:9/api/auth/jwks"})))
    )
    assert "127.0.0.1:9 (AUTH_JWKS_URL) does not answer" in found["key_set_unreachable"]


@pytest.fixture
def looking_elsewhere(stack: RunningStack) -> Iterator[InUse]:
    """The identity provider looks for a client's address where nobody puts it."""
    environment = stack.services["web"].environment
    stack.stop("web")
    environment["CLIENT_IP_HEADER"] = "x-real-ip"
    stack.start("web")
    yield of(stack)
    stack.stop("web")
    del environment["CLIENT_IP_HEADER"]
    stack.start("web")


def test_rate_limits_in_one_bucket_are_named(looking_elsewhere: InUse) -> None:
    found = words_of(asyncio.run(account.examine(looking_elsewhere)))
    assert "sees no client address: everybody shares one rate limit" in found["client_address_missing"]
    assert "let CLIENT_IP_HEADER name the header that your proxy sets" in found["client_address_missing"]
