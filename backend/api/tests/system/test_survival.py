"""What docs/faults.md says, done to a stack that people use: what they see meanwhile, and how soon it is over."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from scripts.database import embedded_database
from scripts.embedded import embedded_server
from scripts.migrate import migrate
from scripts.stack.isolated import RunningStack, isolated_environment, prepared_stack, short_lived_folder
from tests.system.crowd import BOUND, CALM, MINUTE, RESTART, Crowd
from tests.system.people import form, sign_up

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def postgres() -> Iterator[Path]:
    with short_lived_folder() as folder:
        yield folder / "postgres"


@pytest.fixture(scope="module")
def stack(postgres: Path) -> Iterator[RunningStack]:
    settings = {"AUTH_REVOCATION_MAX_STALENESS": str(BOUND)}
    with embedded_database(postgres) as urls, prepared_stack(postgres.parent, urls, settings) as running:
        running.start("web", "api")
        yield running


def kill_worker(stack: RunningStack) -> None:
    workers = [
        child
        for child in psutil.Process(stack.running["api"].pid).children()
        if any("spawn_main" in part for part in child.cmdline())
    ]
    workers[0].kill()


def kill_and_restart(name: str) -> Callable[[RunningStack, Path], None]:
    def fault(stack: RunningStack, _: Path) -> None:
        stack.stop(name, signal.SIGKILL)
        time.sleep(RESTART)
        stack.launch(name)

    return fault


def kill_postgres(_: RunningStack, postgres: Path) -> None:
    """Every process of it at once, as by a power cut."""
    server = embedded_server(postgres)
    main = psutil.Process(int((postgres / "postmaster.pid").read_text().splitlines()[0]))
    processes = [main, *main.children()]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=10)
    time.sleep(RESTART)
    server.ensure_postgres_running()


KILLED: dict[str, tuple[Callable[[RunningStack, Path], None], set[str]]] = {
    "a worker of the API": (lambda stack, _: kill_worker(stack), {"page", "browser: session"}),
    "the API": (kill_and_restart("api"), {"page", "browser: session"}),
    "the identity provider": (kill_and_restart("web"), {"token: me", "token: notes", "token: new note"}),
    "Postgres": (kill_postgres, {"page", "token: me"}),
}
"""What is done, and what goes on as if nothing had happened."""


@pytest.mark.parametrize("what", KILLED)
def test_a_process_that_is_killed_under_load_comes_back_by_itself(
    stack: RunningStack, postgres: Path, what: str
) -> None:
    fault, unharmed = KILLED[what]
    with Crowd(stack, BOUND) as crowd:
        crowd.heal(within=30)
        fault(stack, postgres)
        crowd.heal(within=60)
        crowd.run_for(CALM)
    assert crowd.told("wrong") == {}
    others = set(crowd.outcomes()) - unharmed
    assert crowd.told("outage", "broken", but=others) == {}


def test_postgres_stopped_for_a_minute_is_an_outage_and_heals_within_seconds(
    stack: RunningStack, postgres: Path
) -> None:
    server = embedded_server(postgres)
    with Crowd(stack, BOUND) as crowd:
        crowd.heal(within=30)
        server.stop()
        stopped = time.monotonic()
        crowd.run_for(MINUTE)
        server.ensure_postgres_running()
        crowd.heal(within=30)
        crowd.run_for(CALM)
    assert crowd.told("wrong", "broken") == {}
    assert crowd.told("outage", but={name for name in crowd.outcomes() if name != "page"}) == {}
    early = crowd.outcomes(since=stopped, until=stopped + BOUND - 5)["token: me"]
    assert set(early) == {"good"}, "tokens verify until the view is too old"
    late = crowd.outcomes(since=stopped + BOUND + 5, until=stopped + MINUTE - 5)
    assert set(late["token: me"]) == {"outage"}, "then nothing is guessed"


def test_holders_of_a_token_do_not_notice_that_the_identity_provider_is_stopped_for_a_minute(
    stack: RunningStack,
) -> None:
    with Crowd(stack, BOUND) as crowd:
        crowd.heal(within=30)
        stack.stop("web")
        crowd.run_for(MINUTE)
        stack.launch("web")
        crowd.heal(within=60)
        crowd.run_for(CALM)
    assert crowd.told("wrong") == {}
    own = {"token: me", "token: notes", "token: new note"}
    assert crowd.told("outage", "broken", but=set(crowd.outcomes()) - own) == {}
    assert crowd.told("broken", but={"page", "browser: session", "browser: new note"}) == {}, "the API answers for it"


@pytest.mark.parametrize("name", ["web", "api"])
def test_a_request_in_progress_is_answered_though_the_stop_is_signalled_twice(stack: RunningStack, name: str) -> None:
    """As by systemd, which repeats the signal to what is left of a unit whose first process has ended."""
    port = stack.ports.web if name == "web" else stack.ports.api
    body = json.dumps(form()).encode()
    head = (
        "POST /api/auth/sign-up HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        with socket.create_connection(("127.0.0.1", port), 20) as client:
            client.sendall(head.encode() + body[:10])
            time.sleep(0.5)
            for _ in range(2):
                os.killpg(stack.running[name].pid, signal.SIGTERM)
                time.sleep(0.5)
            client.sendall(body[10:])
            answer = b"".join(iter(lambda: client.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
    finally:
        stack.stop(name)
        stack.start(name)


def test_a_migration_while_people_work_is_noticed_by_nobody(stack: RunningStack) -> None:
    with Crowd(stack, BOUND) as crowd:
        crowd.heal(within=30)
        migrate(stack.urls, isolated_environment(stack.ports, {}))
        crowd.run_for(CALM)
    assert crowd.told("wrong", "outage", "broken") == {}


SLOW_READERS = 15
ASKED_AT_ONCE = 60
LONG_NOTE = "x" * 10_000


def slow_reader(port: int, request: str) -> socket.socket:
    """Has asked for megabytes, and has room for little."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.settimeout(20)
    reader.connect(("127.0.0.1", port))
    reader.sendall(request.replace("\n", "\r\n").encode() * ASKED_AT_ONCE)
    return reader


def test_clients_that_read_slowly_are_noticed_by_nobody(stack: RunningStack) -> None:
    with sign_up(stack.web) as person, Crowd(stack, BOUND) as crowd, ExitStack() as connections:
        long = {"title": "Long", "body": LONG_NOTE}
        for _ in range(20):
            note = httpx.post(f"{stack.api}/api/notes", headers=person.bearer, json=long)
            assert note.status_code == httpx.codes.CREATED, note.text
        crowd.heal(within=30)
        notes = f"GET /api/notes HTTP/1.1\nHost: localhost\nAuthorization: Bearer {person.token}\n\n"
        page = "GET /sign-in HTTP/1.1\nHost: localhost\n\n"
        begun = time.monotonic()
        slow = [
            connections.enter_context(slow_reader(port, request))
            for port, request in ((stack.ports.api, notes), (stack.ports.web, page)) * SLOW_READERS
        ]
        read = [b""] * len(slow)
        while time.monotonic() < begun + 5 * CALM:
            read = [so_far + reader.recv(1) for so_far, reader in zip(read, slow, strict=True)]
            time.sleep(0.3)
    assert {one[:12] for one in read} == {b"HTTP/1.1 200"}
    assert crowd.told("wrong", "outage", "broken") == {}
    assert all(counts["good"] >= 3 for counts in crowd.outcomes(since=begun).values())


FULL = """
    CREATE FUNCTION public.full() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
"""
TABLES = ('auth."user"', "auth.session", "app.note", 'auth."rateLimit"')


def test_a_table_that_cannot_grow_is_an_outage_of_writes_alone(stack: RunningStack, postgres: Path) -> None:
    """What Postgres answers when it can't extend a table's file, raised by triggers in its place."""
    superuser = embedded_server(postgres).get_uri(database="app")
    with psycopg.connect(superuser, autocommit=True) as connection, Crowd(stack, BOUND) as crowd:
        crowd.heal(within=30)
        connection.execute(FULL)
        try:
            for table in TABLES:
                connection.execute(
                    f'CREATE TRIGGER "0_full" BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION public.full()'
                )
            full = time.monotonic()
            crowd.run_for(10)
            seen = crowd.outcomes(since=full)
        finally:
            connection.execute("DROP FUNCTION public.full CASCADE")
        crowd.heal(within=30)
    assert crowd.told("wrong", "broken") == {}
    for writing in ("token: new note", "browser: new note", "sign-up"):
        assert set(seen[writing]) == {"outage"}, writing
    for reading in ("token: me", "token: notes", "page"):
        assert set(seen[reading]) == {"good"}, reading
