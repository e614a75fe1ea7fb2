"""Notes belong to who wrote them."""

import json
import uuid
from collections.abc import Iterable

import httpx
import pytest

from notes_api.generated.permissions import SCOPES
from resource_server.testing.issuer import FakeIssuer


async def write(client: httpx.AsyncClient, title: str = "Milk", **members: object) -> dict[str, object]:
    response = await client.post("/api/notes", json={"title": title, **members})
    assert response.status_code == 201
    note: dict[str, object] = response.json()
    return note


def as_user(issuer: FakeIssuer, subject: str = "user-2", scopes: Iterable[str] = SCOPES) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.token(subject=subject, scopes=scopes)}"}


async def test_note_is_written_read_changed_and_deleted(user: httpx.AsyncClient) -> None:
    created = await user.post("/api/notes", json={"title": "  Milk ", "body": "two litres"})
    note = created.json()
    address = created.headers["location"]
    assert address == f"/api/notes/{note['id']}"
    assert (note["title"], note["body"], note["version"]) == ("Milk", "two litres", 1)
    assert (await user.get(address)).json() == note
    changed = (await user.patch(address, json={"title": "Bread"})).json()
    assert (changed["title"], changed["body"], changed["version"]) == ("Bread", "two litres", 2)
    assert (await user.get("/api/notes")).json() == {"items": [changed], "next_cursor": None}
    deleted = await user.delete(address)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await user.get(address)).status_code == 404
    assert (await user.delete(address)).status_code == 404


async def test_all_of_ones_own_notes_are_deleted_at_once_and_nobody_elses(
    user: httpx.AsyncClient, issuer: FakeIssuer
) -> None:
    other = as_user(issuer)
    for title in ("One", "Two"):
        await write(user, title)
    await user.post("/api/notes", json={"title": "Kept"}, headers=other)
    # Whatever else its holder may do.
    for _ in range(2):
        assert (await user.delete("/api/me", headers=as_user(issuer, "user-1", []))).status_code == 204
    assert [note["title"] for note in (await user.get("/api/notes", headers=other)).json()["items"]] == ["Kept"]
    assert (await user.get("/api/notes", headers=as_user(issuer, "user-1"))).json()["items"] == []


async def test_another_user_s_note_is_not_found(user: httpx.AsyncClient, issuer: FakeIssuer) -> None:
    note = await write(user)
    address, other = f"/api/notes/{note['id']}", as_user(issuer)
    missing = await user.get(f"/api/notes/{uuid.uuid4()}", headers=other)
    for response in (
        await user.get(address, headers=other),
        await user.patch(address, headers=other, json={"title": "Mine"}),
        await user.delete(address, headers=other),
    ):
        assert response.status_code == 404
        assert response.json() == missing.json()
    assert (await user.get("/api/notes", headers=other)).json()["items"] == []
    assert (await user.get(address)).json() == note


async def test_pages_follow_each_other_without_gap_or_repeat(user: httpx.AsyncClient, issuer: FakeIssuer) -> None:
    written = [(await write(user, f"Note {n}"))["id"] for n in range(5)]
    await user.post("/api/notes", json={"title": "Other"}, headers=as_user(issuer))
    read: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await user.get("/api/notes", params={"limit": 2, **cursor})).json()
        read += [note["id"] for note in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert read == list(reversed(written))


async def test_change_of_an_outdated_version_is_a_conflict(user: httpx.AsyncClient) -> None:
    address = f"/api/notes/{(await write(user))['id']}"
    assert (await user.patch(address, json={"title": "One", "version": 1})).status_code == 200
    late = await user.patch(address, json={"title": "Two", "version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert (await user.get(address)).json()["title"] == "One"


@pytest.mark.parametrize(
    ("scope", "method", "allowed"),
    [
        ("notes:read", "GET", True),
        ("notes:write", "GET", False),
        ("notes:write", "POST", True),
        ("notes:read", "POST", False),
        ("", "GET", False),
    ],
)
async def test_scope_is_needed(
    client: httpx.AsyncClient, issuer: FakeIssuer, scope: str, method: str, *, allowed: bool
) -> None:
    headers = as_user(issuer, scopes=scope.split())
    response = await client.request(
        method, "/api/notes", headers=headers, json={"title": "Milk"} if method == "POST" else None
    )
    if allowed:
        assert response.is_success
        return
    needed = "notes:read" if method == "GET" else "notes:write"
    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")
    assert response.headers["www-authenticate"] == f'Bearer error="insufficient_scope", scope="{needed}"'


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/notes"), ("POST", "/api/notes"), ("GET", f"/api/notes/{uuid.uuid4()}"), ("GET", "/api/me")],
)
async def test_without_a_token_nothing_is_disclosed(client: httpx.AsyncClient, method: str, path: str) -> None:
    response = await client.request(method, path, json={"title": "Milk"} if method == "POST" else None)
    assert (response.status_code, response.json()["code"]) == (401, "token_missing")
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["title"]),
        ({"title": ""}, ["title"]),
        ({"title": "   "}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"title": "a\0b"}, ["title"]),
        ({"title": "\ud800"}, ["title"]),
        ({"title": 1, "body": None}, ["title", "body"]),
        ({"title": "ok", "body": "x" * 10_001}, ["body"]),
        ({"title": "ok", "body": "\0"}, ["body"]),
        ({"title": "ok", "owner_id": "user-2"}, ["owner_id"]),
    ],
)
async def test_every_invalid_field_is_named(
    user: httpx.AsyncClient, body: dict[str, object], fields: list[str]
) -> None:
    headers = {"Content-Type": "application/json"}
    response = await user.post("/api/notes", content=json.dumps(body), headers=headers)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == fields


@pytest.mark.parametrize("title", ["x" * 200, "🎉" * 200, "'; DROP TABLE app.note; --", "\u202eright to left"])
async def test_any_other_text_comes_back_as_it_was(user: httpx.AsyncClient, title: str) -> None:
    assert (await write(user, title))["title"] == title


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/notes/not-a-uuid", "note_id"),
        ("/api/notes/%00", "note_id"),
        ("/api/notes?limit=0", "limit"),
        ("/api/notes?limit=101", "limit"),
        ("/api/notes?limit=many", "limit"),
        ("/api/notes?cursor=x", "cursor"),
        ("/api/notes?cursor=%00", "cursor"),
        (f"/api/notes?cursor={'_' * 32}", "cursor"),
        (f"/api/notes?cursor={'x' * 65}", "cursor"),
    ],
)
async def test_address_that_makes_no_sense_is_refused(user: httpx.AsyncClient, path: str, field: str) -> None:
    response = await user.get(path)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == [field]
