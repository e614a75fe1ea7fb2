"""Sessions are ended while connections are cut, Postgres crashes, transactions commit late and workers die."""

import http.client
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from scripts.bench.connections import Answer, Connection, connect_to_each
from scripts.bench.holders import Holder, populate
from scripts.embedded import embedded_server
from scripts.stack.isolated import RunningStack

WORKERS = 4
BOUND = 3.0
"""Seconds: how old a worker's view may be before it answers 503."""
ENDED_PER_SECOND = 15
KEPT = 20
"""Sessions that are never ended, and must be let in at the end."""
ENVIRONMENT = {"AUTH_REVOCATION_MAX_STALENESS": str(BOUND)}
HEALING_PATIENCE = 30.0
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'revocation feed'"
END = "DELETE FROM auth.session WHERE id = %s"

Disturbance = Callable[[], object]


@dataclass
class Outcome:
    """`late`: tokens let in whose session's end had been committed for longer than BOUND. `missing`: revocations that a
    worker did not know when all had healed. `wronged`: live tokens that a worker then refused."""

    ended: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    disturbed: Counter[str] = field(default_factory=Counter)
    late: int = 0
    missing: int = 0
    wronged: int = 0
    workers: int = 0


class Chaos:
    """One run on a started stack whose embedded Postgres has its data in `postgres`."""

    def __init__(self, stack: RunningStack, postgres: Path, seconds: float) -> None:
        self._stack = stack
        self._server = embedded_server(postgres)
        self._kept = populate(stack, KEPT)
        self._doomed = populate(stack, int(seconds * ENDED_PER_SECOND))
        self._ended_at: dict[str, float] = {}
        self._seconds = seconds
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self.outcome = Outcome()

    def run(self) -> Outcome:
        halves = self._doomed[::2], self._doomed[1::2]
        jobs: list[Callable[[], None]] = [
            lambda: self._end_at_once(halves[0]),
            lambda: self._end_late(halves[1]),
            self._disturb,
            self._ask,
            self._ask,
        ]
        with ThreadPoolExecutor(len(jobs)) as pool:
            running = [pool.submit(job) for job in jobs]
            try:
                time.sleep(self._seconds)
            finally:
                self._stopped.set()
            for job in running:
                job.result()
        self._take_stock()
        return self.outcome

    def _end_at_once(self, holders: list[Holder]) -> None:
        for holder in holders:
            self._end(holder, 0.0)
            self._stopped.wait(random.uniform(0, 2 / ENDED_PER_SECOND))
            if self._stopped.is_set():
                return

    def _end_late(self, holders: list[Holder]) -> None:
        """Some transactions at once, each open for a while after its DELETE."""
        with ThreadPoolExecutor(8) as pool:
            for ended in [pool.submit(self._end, holder, random.uniform(0.1, 1.5)) for holder in holders]:
                ended.result()

    def _end(self, holder: Holder, pause: float) -> None:
        """Until it is known to be committed; a crash may leave that open, and then it is done again."""
        while not self._stopped.is_set():
            with suppress(psycopg.OperationalError), psycopg.connect(self._stack.urls.owner) as connection:
                connection.execute(END, [holder.session])
                self._stopped.wait(pause)
                connection.commit()
                self._ended_at[holder.session] = time.monotonic()
                return
            time.sleep(0.02)

    def _disturb(self) -> None:
        disturbances: list[tuple[str, Disturbance, int]] = [
            ("connections cut", self._cut, 6),
            ("worker killed", self._kill_worker, 2),
            ("Postgres crashed", self._crash, 1),
        ]
        # Each at least once, also in a short run.
        due = [disturbance for disturbance in disturbances for _ in range(disturbance[2])]
        random.shuffle(due)
        first = [*disturbances]
        while not self._stopped.wait(random.uniform(0.2, 1.2)):
            name, disturb, _ = first.pop() if first else random.choice(due)
            disturb()
            self.outcome.disturbed[name] += 1

    def _cut(self) -> None:
        with suppress(psycopg.OperationalError), psycopg.connect(self._server.get_uri(), autocommit=True) as superuser:
            superuser.execute(CUT)

    def _kill_worker(self) -> None:
        children = psutil.Process(self._stack.running["api"].pid).children()
        with suppress(psutil.NoSuchProcess):
            workers = [child for child in children if any("spawn_main" in part for part in child.cmdline())]
            random.choice(workers).send_signal(signal.SIGKILL)

    def _crash(self) -> None:
        """As by a power cut, and up again."""
        command = [
            str(self._server.bin_path / "pg_ctl"),
            "stop",
            "-w",
            "-m",
            "immediate",
            "-D",
            str(self._server.pgdata),
        ]
        subprocess.run(command, check=True, user=self._server.system_user, stdout=subprocess.DEVNULL)
        self._server.ensure_postgres_running()

    def _ask(self) -> None:
        connection = Connection(self._stack.ports.api)
        while not self._stopped.is_set():
            holder = random.choice(self._doomed)
            ended_at, asked_at = self._ended_at.get(holder.session), time.monotonic()
            try:
                answer = connection.me(holder.token)
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = Connection(self._stack.ports.api)
                continue
            with self._lock:
                self.outcome.asked["let in" if answer.let_in else answer.code] += 1
                if answer.let_in and ended_at is not None and asked_at - ended_at > BOUND:
                    self.outcome.late += 1
            if asked_at % 1 < 0.05:
                # Sometimes another worker.
                connection.close()
        connection.close()

    def _take_stock(self) -> None:
        """When all has healed: every worker knows every end."""
        workers = self._healed_workers()
        self.outcome.workers = len(workers)
        self.outcome.ended = len(self._ended_at)
        for holder in self._doomed:
            if holder.session in self._ended_at:
                self.outcome.missing += sum(not ask_until_ready(one, holder.token).revoked for one in workers)
        for holder in self._kept:
            self.outcome.wronged += sum(not ask_until_ready(one, holder.token).let_in for one in workers)
        for worker in workers:
            worker.close()

    def _healed_workers(self) -> list[Connection]:
        """When the identity provider, too, would take every end for being in force."""
        deadline = time.monotonic() + HEALING_PATIENCE
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError, OSError, http.client.HTTPException, RuntimeError):
                if self._is_in_force():
                    api = self._stack.running["api"].pid
                    return list(connect_to_each(api, self._stack.ports.api, WORKERS).values())
            time.sleep(0.2)
        raise TimeoutError("the workers have not healed")

    def _is_in_force(self) -> bool:
        with psycopg.connect(self._stack.urls.owner, autocommit=True) as owner:
            return owner.execute("SELECT auth.await_revocations()").fetchone() == (True,)


def ask_until_ready(worker: Connection, token: str) -> Answer:
    """The worker's answer once it is no outage any more."""
    deadline = time.monotonic() + HEALING_PATIENCE
    while True:
        answer = worker.me(token)
        if answer.status != 503 or time.monotonic() > deadline:
            return answer
        time.sleep(0.1)
