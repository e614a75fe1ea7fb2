"""A database with the revocation feed for each test, and a server that can ask for a password."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from shared_fixtures.nats import nats, nats_server
from shared_fixtures.postgres import Addresses, as_role, install_revocation_feed, new_database, postgres_server

__all__ = ["nats", "nats_server", "postgres_server"]

numbers = count()


@pytest.fixture(scope="session")
def template(postgres_server: str) -> str:
    install_revocation_feed(new_database(postgres_server, "doctor").owner)
    return postgres_server


@pytest.fixture
def database(template: str) -> Iterator[Addresses]:
    name = f"doctor{next(numbers)}"
    with psycopg.connect(template, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER idp TEMPLATE doctor")
    superuser = urlunsplit(urlsplit(template)._replace(path=f"/{name}"))
    yield Addresses(superuser, as_role(superuser, "idp"), as_role(superuser, "api"))
    with psycopg.connect(template, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def asked_for_a_password(template: str) -> str:
    """The address of a role whose password is `right`, with a wrong one in it."""
    with psycopg.connect(template, autocommit=True) as connection:
        connection.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
        row = connection.execute("SHOW hba_file").fetchone()
        assert row is not None
        rules = Path(row[0])
        rules.write_text("local all locked scram-sha-256\n" + rules.read_text())
        connection.execute("SELECT pg_reload_conf()")
    return as_role(template, "locked:wr0ng-passw0rd")
