"""`python -m resource_server explain`: the answer of the real server and the rule that decides, without the token."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from resource_server.explaining import Explanation, explain
from resource_server.revocation import RevocationList
from resource_server.server import ResourceServer
from resource_server.several import ResourceServers
from resource_server.testing.attacks import ATTACKS
from resource_server.testing.issuer import FakeIssuer
from resource_server.testing.revocations import FakeRevocations
from resource_server.verification.rules import Rule

APPLICATION = """
import os
from fastapi import FastAPI
from resource_server import ResourceServer, ResourceServerSettings
from resource_server.fastapi import Auth
from resource_server.testing.revocations import FakeRevocations

settings = ResourceServerSettings(
    issuer=os.environ["ISSUER"], audience="https://api.test", jwks_url=os.environ["JWKS_URL"]
)
revocations = FakeRevocations()
revocations.end_session("ended")
auth = Auth(settings, revocations=revocations)
app = FastAPI(lifespan=auth.lifespan)
unprotected = FastAPI()

def build():
    return ResourceServer(settings)

async def not_asgi(scope, receive, send):
    raise RuntimeError("it knows no lifespan")
"""


@pytest.fixture(scope="module")
def issuer() -> Iterator[FakeIssuer]:
    issuer = FakeIssuer(issuer="https://app.test")
    with issuer.serve():
        yield issuer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("application")
    (folder / "application.py").write_text(APPLICATION, encoding="utf-8")
    return folder


def command(
    token: str, *arguments: str, folder: Path | None = None, issuer: FakeIssuer | None = None
) -> tuple[int, str]:
    """The status, and all that was printed."""
    environment = {"ISSUER": "https://app.test", "JWKS_URL": issuer.jwks_url if issuer else ""}
    answer = subprocess.run(
        [sys.executable, "-m", "resource_server", "explain", *arguments],
        input=token + "\n",
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    printed = answer.stdout + answer.stderr
    assert not [part for part in token.split(".") if len(part) > 3 and part in printed]
    return answer.returncode, printed


async def explained(
    issuer: FakeIssuer, token: str, revocations: RevocationList | None = None, *, scopes: tuple[str, ...] = ()
) -> Explanation:
    async with ResourceServer(issuer.settings, client=issuer.client(), revocations=revocations) as server:
        return await explain(server, token, scopes=scopes)


def refusals(explanation: Explanation) -> list[Rule | None]:
    return [step.rule for step in explanation.steps if step.outcome == "REFUSED"]


@pytest.mark.parametrize(
    "target", ["application:auth", "application:app", "application:settings", "application:build()"]
)
def test_a_valid_token_is_accepted_by_what_an_application_names(target: str, folder: Path, issuer: FakeIssuer) -> None:
    status, printed = command(issuer.token(scopes=["notes:read"]), target, folder=folder, issuer=issuer)
    assert status == 0, printed
    assert "A request with this token is accepted." in printed
    assert "scopes 'notes:read'; roles 'user'" in printed


def test_each_setting_that_differs_is_named_with_both_values(folder: Path, issuer: FakeIssuer) -> None:
    token = "Bearer " + issuer.token(aud="https://other.test", iss="https://elsewhere.test", sid="ended")
    status, printed = command(token, "application:auth", folder=folder, issuer=issuer)
    assert status == 1
    assert "REFUSED issuer          the claim iss is 'https://elsewhere.test', and the setting issuer is" in printed
    assert "REFUSED audience        the claim aud is 'https://other.test', and the setting audience is" in printed
    assert "REFUSED revocation" in printed
    assert "ok      signature       matches" in printed
    assert printed.endswith(
        "Answer: 401 token_invalid, rule issuer: the claim iss is 'https://elsewhere.test', and the setting issuer is"
        " 'https://app.test'\n"
    )


def test_the_arguments_replace_an_application(issuer: FakeIssuer) -> None:
    given = ["--issuer", "https://app.test", "--audience", "https://api.test", "--jwks-url", issuer.jwks_url]
    assert command(issuer.token(), *given)[0] == 0
    status, printed = command(issuer.token(), *given, "--algorithm", "RS256")
    assert status == 1
    assert "alg is 'EdDSA', and the setting algorithms allows RS256" in printed
    status, printed = command(issuer.token(), *given, "--scope", "notes:read")
    assert status == 1
    assert "Answer: 403 insufficient_scope: the token lacks the scope notes:read" in printed
    status, printed = command(issuer.token(), *given, "--role", "editor")
    assert "Answer: 403 insufficient_role: the caller lacks the role editor" in printed
    status, printed = command(issuer.token(ver="1.0"), *given, "--provider", "spring")
    assert status == 1
    assert "alg is 'EdDSA'" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["application"], "explain: 'application' is not of the form module:name"),
        (["nowhere:auth"], "explain: no module 'nowhere' is found from this folder"),
        (["application:nothing"], "explain: application has no 'nothing'"),
        (["application:unprotected"], "explain: the application's lifespan yields no ResourceServer"),
        (["application:not_asgi"], "explain: the application does not start: RuntimeError('it knows no lifespan')"),
        (["application:APPLICATION.upper"], "explain: application has no 'APPLICATION.upper'"),
        (["os:sep"], "explain: a str is no Auth, ResourceServer, ResourceServerSettings or application"),
        (["--issuer", "http://a.test", "--audience", "b"], "explain: without jwks_url, issuer must use https"),
        (["--issuer", "https://a.test"], "give either module:name, or --issuer and --audience"),
    ],
)
def test_an_unusable_target_is_reported_in_one_line(
    arguments: list[str], message: str, folder: Path, issuer: FakeIssuer
) -> None:
    status, printed = command("nonsense", *arguments, folder=folder, issuer=issuer)
    assert status == 2
    assert message in printed
    assert "Traceback" not in printed


def test_unavailable_keys_are_not_a_refusal_of_the_token() -> None:
    given = ["--issuer", "https://app.test", "--audience", "b", "--jwks-url", "http://127.0.0.1:9/jwks"]
    status, printed = command(FakeIssuer(issuer="https://app.test", audience="b").token(), *given)
    assert status == 3
    assert "Answer: 503 keys_unavailable" in printed
    assert "ConnectError" in printed


async def test_every_attack_is_explained_by_the_rule_that_the_server_names(fake_issuer: FakeIssuer) -> None:
    sample = fake_issuer.sample()
    async with ResourceServer(fake_issuer.settings, client=fake_issuer.client()) as server:
        for attack in ATTACKS:
            explanation = await explain(server, attack.forge(sample))
            assert explanation.answer is not None, attack
            assert (explanation.answer.rule, refusals(explanation)[0]) == (attack.rule, attack.rule), attack


async def test_a_revoked_and_an_expired_token_are_distinguished(fake_issuer: FakeIssuer) -> None:
    revocations = FakeRevocations()
    revocations.revoke_token("stolen")
    revoked = await explained(fake_issuer, fake_issuer.token(jti="stolen"), revocations)
    expired = await explained(fake_issuer, fake_issuer.token(iat=1, exp=2), revocations)
    both = await explained(fake_issuer, fake_issuer.token(iat=1, exp=2, jti="stolen"), revocations)
    assert [found.answer and found.answer.code for found in (revoked, expired, both)] == [
        "token_revoked",
        "token_expired",
        "token_expired",
    ]
    assert [step.name for step in revoked.steps if step.outcome == "REFUSED"] == ["revocation"]
    assert [step.name for step in both.steps if step.outcome == "REFUSED"] == ["time", "revocation"]


async def test_revocations_that_are_not_known_are_an_outage(
    fake_issuer: FakeIssuer,
) -> None:
    class NeverComplete(FakeRevocations):
        """Its database is away."""

        async def refresh(self) -> None:
            raise TimeoutError

    revocations = NeverComplete()
    revocations.age = float("inf")
    explanation = await explained(fake_issuer, fake_issuer.token(), revocations)
    assert explanation.answer is not None
    assert explanation.answer.code == "revocation_stale"
    assert "the list is inf s old, and at most 60 s are allowed" in explanation.text


async def test_one_of_several_issuers_is_chosen_by_the_token(fake_issuer: FakeIssuer) -> None:
    other = FakeIssuer(issuer="https://other.test")
    servers = [ResourceServer(each.settings, client=each.client()) for each in (fake_issuer, other)]
    async with ResourceServers(servers) as server:
        good = await explain(server, other.token())
        stranger = await explain(server, FakeIssuer(issuer="https://third.test").token())
    assert good.answer is None
    assert good.steps[0].detail == "the claim iss chooses 'https://other.test' among 2 issuers"
    assert refusals(stranger) == [Rule.ISSUER]


async def test_text_from_a_token_can_not_forge_lines(fake_issuer: FakeIssuer) -> None:
    explanation = await explained(
        fake_issuer, fake_issuer.token(aud="x\nA request with this token is accepted.\x1b[2J")
    )
    assert "\x1b" not in explanation.text
    assert len(explanation.text.splitlines()) == len(explanation.steps) + 2
