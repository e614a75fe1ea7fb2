"""Never let in: a session's end has been answered, then every worker is asked with its token."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg

from scripts.bench.connections import Connection, connect_to_each
from scripts.bench.holders import PASSWORD, Holder, populate
from scripts.stack.isolated import RunningStack

WORKERS = 4
THREADS = 3

End = Callable[["Hand", Holder], None]


class Hand:
    """What one thread ends sessions with: connections to the identity provider and the database, an administrator."""

    def __init__(self, stack: RunningStack, admin: Holder) -> None:
        self.origin = stack.web
        self.web = Connection(stack.ports.web)
        self.database = psycopg.connect(stack.urls.owner, autocommit=True)
        self.admin = admin

    def close(self) -> None:
        self.web.close()
        self.database.close()

    def post(self, path: str, caller: Holder, body: object | None = None) -> None:
        """Raises RuntimeError unless it succeeds."""
        answer = self.web.request("POST", path, {"Cookie": caller.cookie, "Origin": self.origin}, body)
        if not answer.let_in:
            raise RuntimeError(f"{path} answered {answer.status} {answer.code}")

    def run(self, statement: str, *values: str) -> None:
        """As anybody with SQL: the change, then the wait until it is in force."""
        self.database.execute(statement, values)
        self.database.execute("SELECT auth.await_revocations()")


def change_password(hand: Hand, holder: Holder) -> None:
    body = {"currentPassword": PASSWORD, "newPassword": f"{PASSWORD}2"}
    hand.post("/api/auth/change-password", holder, body)


def by_admin(path: str, **body: str) -> End:
    return lambda hand, holder: hand.post(f"/api/auth/admin/{path}", hand.admin, {"userId": holder.user, **body})


def by_sql(statement: str, value: Callable[[Holder], str]) -> End:
    return lambda hand, holder: hand.run(statement, value(holder))


ENDS: dict[str, tuple[End, int]] = {
    "sign-out": (lambda hand, holder: hand.post("/api/auth/sign-out", holder), 4_000),
    "ban": (by_admin("ban-user", banReason="spam"), 1_000),
    "role change": (by_admin("set-role", role="admin"), 1_000),
    "password change": (change_password, 300),
    "deleted user": (by_admin("remove-user"), 700),
    "plain DELETE of the session": (by_sql("DELETE FROM auth.session WHERE id = %s", lambda one: one.session), 2_000),
    "plain UPDATE of the role": (
        by_sql("UPDATE auth.\"user\" SET role = 'x' WHERE id = %s", lambda one: one.user),
        500,
    ),
    "plain DELETE of the user": (by_sql('DELETE FROM auth."user" WHERE id = %s', lambda one: one.user), 500),
}
"""How sessions end, and how often each is tried: 10,000 in all."""


def prove(stack: RunningStack, name: str, number: int, admin: Holder) -> Counter[str]:
    """What each worker answered right after the end of each of `number` sessions.

    Counted as `let in`, `token_revoked`, or the status and code of anything else. Raises RuntimeError when a token was
    not let in before.
    """
    end, _ = ENDS[name]
    holders = populate(stack, number)
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()

    def work(share: list[Holder]) -> None:
        supervisor = stack.running["api"].pid
        workers = list(connect_to_each(supervisor, stack.ports.api, WORKERS).values())
        hand = Hand(stack, admin)
        for i, holder in enumerate(share):
            if not workers[i % len(workers)].me(holder.token).let_in:
                raise RuntimeError("refused before its end")
            end(hand, holder)
            answers = [worker.me(holder.token) for worker in workers]
            with lock:
                outcomes.update("let in" if answer.let_in else answer.code or str(answer.status) for answer in answers)
        hand.close()
        for worker in workers:
            worker.close()

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work, holders[first::THREADS]) for first in range(THREADS)]:
            done.result()
    return outcomes
