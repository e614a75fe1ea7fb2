"""A deleted user's notes go with them, whoever deletes them."""

from collections.abc import Callable

import httpx
import psycopg
import pytest

from scripts.stack.isolated import RunningStack
from tests.system.eventually import eventually
from tests.system.people import PASSWORD, Person, sign_up

Delete = Callable[[RunningStack, Person], None]


def by_themselves(stack: RunningStack, person: Person) -> None:
    answer = person.client.post("/api/auth/account/delete", json={"password": PASSWORD})
    assert answer.status_code == 200, answer.text
    with psycopg.connect(stack.urls.owner) as connection:
        for table, column in (("user", "id"), ("session", '"userId"'), ("account", '"userId"')):
            count = f'SELECT count(*) FROM auth."{table}" WHERE {column} = %s'
            assert connection.execute(count, [person.claims["sub"]]).fetchone() == (0,), table


def by_sql(stack: RunningStack, person: Person) -> None:
    with psycopg.connect(stack.urls.owner) as connection:
        connection.execute('DELETE FROM auth."user" WHERE id = %s', [person.claims["sub"]])


def by_an_administrator(stack: RunningStack, person: Person) -> None:
    with sign_up(stack.web) as admin:
        with psycopg.connect(stack.urls.owner) as connection:
            connection.execute("UPDATE auth.\"user\" SET role = 'admin' WHERE id = %s", [admin.claims["sub"]])
        answer = admin.client.post("/api/auth/admin/remove-user", json={"userId": person.claims["sub"]})
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("delete", [by_themselves, by_sql, by_an_administrator])
def test_the_notes_of_a_deleted_user_are_erased(
    stack: RunningStack, api: httpx.Client, person: Person, delete: Delete
) -> None:
    with sign_up(stack.web) as other:
        for writer in (person, other):
            answer = api.post("/api/notes", json={"title": "A title"}, headers=writer.bearer)
            assert answer.status_code == 201, answer.text
        delete(stack, person)
        eventually(lambda: api.get("/api/notes", headers=person.bearer).status_code == httpx.codes.UNAUTHORIZED)
        with psycopg.connect(stack.urls.owner, autocommit=True) as owner:
            count = "SELECT count(*) FROM app.note WHERE owner_id = %s"
            eventually(lambda: owner.execute(count, [person.claims["sub"]]).fetchone() == (0,))
        assert len(api.get("/api/notes", headers=other.bearer).json()["items"]) == 1
