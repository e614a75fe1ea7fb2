"""docs/deploy.md's ways to replace a secret, and to come back from a backup, step by step on a stack of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import jwt
import psycopg
import pytest

from scripts.database import DatabaseUrls, embedded_database
from scripts.embedded import embedded_server
from scripts.migrate import migrate
from scripts.paths import ROOT
from scripts.stack.isolated import RunningStack, isolated_environment, prepared_stack
from shared_fixtures.nats import PUBLISHER, SERVER, NatsServer
from tests.system.eventually import eventually
from tests.system.people import Person, form, sign_in, sign_up
from tests.system.publishers import access, publisher

pytestmark = pytest.mark.long

NEW_SECRET = "p3Qv8ZtWm1Lk6XyRb0Nd5HcJs2Fg7UoE"


@pytest.fixture
def stack(folder: Path) -> Iterator[RunningStack]:
    with embedded_database(folder / "postgres") as urls, prepared_stack(folder, urls) as running:
        running.start("web", "api")
        yield running


def restart(stack: RunningStack, name: str, **variables: str) -> None:
    stack.stop(name)
    stack.services[name].environment.update(variables)
    stack.start(name)


def run(stack: RunningStack, *command: str, **variables: str) -> str:
    """What one of the operator's commands prints, with the web server's variables. Raises when it fails."""
    environment = {**os.environ, **stack.services["web"].environment, "API_DATABASE_URL": stack.urls.api, **variables}
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def me(stack: RunningStack, token: str) -> int:
    return httpx.get(f"{stack.api}/api/me", headers={"Authorization": f"Bearer {token}"}, timeout=15).status_code


def is_revoked_at_once(stack: RunningStack) -> bool:
    with sign_up(stack.web) as person:
        assert me(stack, person.token) == 200
        assert httpx.post(f"{stack.web}/api/auth/sign-out", headers=person.bearer).status_code == 200
        return me(stack, person.token) == 401


def kids(stack: RunningStack) -> set[str]:
    return {key["kid"] for key in httpx.get(f"{stack.web}/api/auth/jwks").json()["keys"]}


def test_the_secret_is_replaced_and_tokens_that_clients_hold_go_on(stack: RunningStack) -> None:
    with sign_up(stack.web) as person:
        (former,) = kids(stack)
        restart(stack, "web", BETTER_AUTH_SECRETS=f"1:{NEW_SECRET}")
        assert me(stack, person.token) == 200
        assert person.client.get("/api/auth/get-session").json() is None, "browsers sign in again"
        renewed = httpx.post(f"{stack.api}/api/auth/renew", headers=person.bearer)
        assert renewed.status_code == 200, renewed.text

        run(stack, "scripts.identity", "keys", "rotate", "--now")
        assert len(kids(stack)) == 2
        eventually(lambda: sign_in_with(stack, person) != former)
        assert me(stack, renewed.json()["access_token"]) == 200

        # As if the last token of the former key had expired.
        run(stack, "scripts.identity", "keys", "retire", former)
        restart(stack, "web", BETTER_AUTH_SECRET=NEW_SECRET)
        assert sign_in_with(stack, person) != former


def sign_in_with(stack: RunningStack, person: Person) -> str:
    """The key of a new token, which the API accepts."""
    with sign_in(stack.web, person.email) as entered:
        assert me(stack, entered.token) == 200
        return str(jwt.get_unverified_header(entered.token)["kid"])


def test_the_api_moves_to_another_role_of_the_database(stack: RunningStack) -> None:
    parts = urlsplit(stack.urls.api)
    other = urlunsplit(parts._replace(netloc="api_b@"))
    with sign_up(stack.web) as person:
        with psycopg.connect(stack.urls.owner, autocommit=True) as owner:
            owner.execute("CREATE ROLE api_b LOGIN PASSWORD 'another' IN ROLE api")
        migrate(DatabaseUrls(stack.urls.owner, other), environment(stack))
        assert httpx.get(f"{stack.api}/api/notes", headers=person.bearer).status_code == 200, "the first one still may"
        with sign_up(stack.web) as leaver:
            assert httpx.post(f"{stack.api}/api/auth/sign-out", headers=leaver.bearer).status_code == 200
            assert me(stack, leaver.token) == 401
        restart(stack, "api", DATABASE_URL=other, DATABASE_URL_UNPOOLED=other)
        with psycopg.connect(stack.urls.owner, autocommit=True) as owner:
            owner.execute("GRANT api TO CURRENT_USER")
            owner.execute("DROP OWNED BY api")
            owner.execute("DROP ROLE api")
        assert httpx.get(f"{stack.api}/api/notes", headers=person.bearer).status_code == 200
        assert httpx.post(f"{stack.api}/api/auth/sign-out", headers=person.bearer).status_code == 200
        assert me(stack, person.token) == 401
        assert stack.ask_management("/readyz").status_code == 200


def environment(stack: RunningStack) -> Mapping[str, str]:
    return isolated_environment(stack.ports, {})


def test_a_backup_is_restored_and_what_was_revoked_since_stays_revoked(stack: RunningStack, folder: Path) -> None:
    programs = embedded_server(folder / "postgres").bin_path
    dump = folder / "notes.dump"
    with sign_up(stack.web) as stays, sign_up(stack.web) as leaves:
        note = httpx.post(f"{stack.api}/api/notes", headers=stays.bearer, json={"title": "Kept", "body": ""})
        subprocess.run(
            [str(programs / "pg_dump"), "--format=custom", "--file", str(dump), stack.urls.owner], check=True
        )
        assert httpx.post(f"{stack.api}/api/auth/sign-out", headers=leaves.bearer).status_code == 200
        assert httpx.delete(f"{stack.api}/api/notes/{note.json()['id']}", headers=stays.bearer).status_code == 204

        for name in ("web", "api"):
            stack.stop(name)
        restore = [str(programs / "pg_restore"), "--clean", "--if-exists", "--exit-on-error", "--single-transaction"]
        subprocess.run([*restore, "--dbname", stack.urls.owner, str(dump)], check=True)
        migrate(stack.urls, environment(stack))
        run(stack, "scripts.revoke", REVOKE_ALL="1", REVOKE_YES="1")
        stack.start("web", "api")

        assert me(stack, leaves.token) == 401, "the backup knows nothing of its end"
        assert me(stack, stays.token) == 401
        assert stays.client.get("/api/backend/notes").json()["items"][0]["title"] == "Kept", "with a new token, unseen"
        assert httpx.post(f"{stack.web}/api/auth/sign-up", json=form()).status_code == 200


def test_the_feed_s_credential_is_replaced_without_a_gap(stack: RunningStack) -> None:
    former, new = "a-former-credential-of-the-feed-0123", "a-new-credential-of-the-feed-4567890"
    restart(stack, "web", REVOCATION_FEED_TOKEN=former)
    restart(
        stack,
        "api",
        REVOCATION_FEED="http",
        REVOCATION_FEED_URL=f"{stack.web}/api/auth/revocations",
        REVOCATION_FEED_TOKEN=former,
    )
    assert is_revoked_at_once(stack)
    restart(stack, "web", REVOCATION_FEED_TOKEN=new, REVOCATION_FEED_TOKEN_PREVIOUS=former)
    eventually(lambda: is_revoked_at_once(stack))
    restart(stack, "api", REVOCATION_FEED_TOKEN=new)
    assert is_revoked_at_once(stack)
    restart(stack, "web", REVOCATION_FEED_TOKEN_PREVIOUS="")
    eventually(lambda: is_revoked_at_once(stack))
    assert stack.ask_management("/readyz").status_code == 200


def test_the_credentials_for_nats_are_replaced_without_a_gap(folder: Path) -> None:
    nats = NatsServer()
    nats.start()
    publishers, servers = [PUBLISHER, ("publisher-b", "a-new-password-1")], [SERVER, ("server-b", "a-new-password-2")]
    settings = {"REVOCATION_FEED": "nats", **access(nats, SERVER)}
    with (
        closing(nats),
        embedded_database(folder / "postgres") as urls,
        prepared_stack(folder, urls, settings) as stack,
        ExitStack() as former,
        ExitStack() as new,
    ):
        former.enter_context(publisher(urls, nats))
        stack.start("web", "api")
        eventually(lambda: is_revoked_at_once(stack))
        nats.let_in({"publisher": publishers, "server": servers})
        assert is_revoked_at_once(stack)
        new.enter_context(publisher(urls, nats, publishers[1]))
        former.close()
        eventually(lambda: is_revoked_at_once(stack))
        restart(stack, "api", **access(nats, servers[1]))
        eventually(lambda: is_revoked_at_once(stack))
        nats.let_in({"publisher": publishers[1:], "server": servers[1:]})
        assert is_revoked_at_once(stack)
        assert stack.ask_management("/readyz").json()["revocations"]["transport"] == "nats"
