"""The API on PgBouncer in transaction mode, as at Neon's pooled endpoint, where LISTEN hears nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from scripts.database import DatabaseUrls, embedded_database
from scripts.embedded import embedded_server
from scripts.stack.isolated import RunningStack, prepared_stack
from shared_fixtures.pgbouncer import pgbouncer
from tests.system.eventually import eventually
from tests.system.people import sign_up


@contextmanager
def pooled_stack(folder: Path, *, direct: bool) -> Iterator[RunningStack]:
    """`direct`: DATABASE_URL_UNPOOLED leads past the pooler."""
    with embedded_database(folder / "postgres") as urls:
        server = embedded_server(folder / "postgres")
        with psycopg.connect(urls.owner) as owner:
            owner.execute("CREATE ROLE api LOGIN")
        with pgbouncer(server.get_uri(database="app"), server.system_user) as address:
            pooled = DatabaseUrls(urls.owner, address)
            with prepared_stack(folder, pooled) as stack:
                if direct:
                    stack.services["api"].environment["DATABASE_URL_UNPOOLED"] = urls.api
                stack.start("web", "api")
                yield stack


@pytest.mark.long
@pytest.mark.parametrize(("direct", "transport"), [(False, "poll"), (True, "listen")])
def test_the_api_works_behind_the_pooler_refuses_revoked_tokens_and_names_its_transport(
    folder: Path, direct: bool, transport: str
) -> None:
    with pooled_stack(folder, direct=direct) as stack:
        assert stack.ask_management("/readyz").json()["revocations"]["transport"] == transport
        eventually(lambda: f'revocation_transport{{transport="{transport}"}} 2.0' in metrics(stack))
        with sign_up(stack.web) as person, httpx.Client(base_url=stack.api, headers=person.bearer) as api:
            for i in range(30):
                assert api.post("/api/notes", json={"title": f"Note {i}", "body": ""}).status_code == 201
            assert len(api.get("/api/notes").json()["items"]) == 20

            assert person.client.post("/api/session/sign-out").status_code == 204
            assert api.get("/api/notes").json()["code"] == "token_revoked"


def metrics(stack: RunningStack) -> str:
    return stack.ask_management("/metrics").text
