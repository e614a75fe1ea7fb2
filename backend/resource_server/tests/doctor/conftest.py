"""A database with the revocation feed for each test."""

from collections.abc import Iterator
from itertools import count
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from shared_fixtures.nats import nats, nats_server
from shared_fixtures.postgres import (
    Addresses,
    as_role,
    asked_for_a_password,
    install_revocation_feed,
    new_database,
    postgres_server,
)

__all__ = ["asked_for_a_password", "nats", "nats_server", "postgres_server"]

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
