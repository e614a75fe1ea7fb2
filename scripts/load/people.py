"""The people, for locust: browsers, clients that hold their tokens, and those of a rush, who only sign up.

Each has a network address of its own, in X-Forwarded-For, which the stack takes from this machine as from a trusted
proxy. What was answered, and how busy the machine was, goes to LOAD_RECORD as JSON.
"""

import itertools
import json
import os
import random
import time
import uuid
from collections.abc import Collection
from pathlib import Path
from typing import TypedDict, Unpack

import psutil
from locust import FastHttpUser, LoadTestShape, events, stats, task
from locust.contrib.fasthttp import FastResponse, ResponseContextManager
from locust.env import Environment

from scripts.load.schedule import ARRIVALS, RUSH_ARRIVALS, Load
from scripts.load.stream import EventStream
from scripts.load.verdict import Outcome, Record

WEB, API = os.environ["LOAD_WEB"], os.environ["LOAD_API"]
PASSWORD = "Corr3ctHorse"
LOAD = Load.from_environment()
PHASES = LOAD.phases
RUSH = next(phase for phase in PHASES if phase.rushing)
STARTED = time.perf_counter()
NOTES_KEPT = 5
REFUSALS = {429, 503}
NOTE = {"title": "A thought", "body": "and what came of it " * 10}
PAGES = ("/notes", "/account")
DEVICES = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
)

NOT_BUSY = {"idle", "iowait", "guest", "guest_nice"}
"""Kinds of processor time; Linux counts guests' as the user's too."""

stats.PERCENTILES_TO_CHART = [0.5, 0.95, 0.99]
numbers = itertools.count()
record: Record = {"answers": [], "samples": [], "refused": []}


def now() -> float:
    return time.perf_counter() - STARTED


def new_address() -> str:
    """One of RFC 2544's test network."""
    number = next(numbers)
    return f"198.{18 + number // 62_500 % 2}.{number // 250 % 250}.{number % 250 + 1}"


def keep(begun: float, name: str, outcome: Outcome, why: str = "") -> None:
    record["answers"].append({"begun": begun, "seconds": now() - begun, "name": name, "outcome": outcome, "why": why})


class Options(TypedDict, total=False):
    headers: dict[str, str]
    json: object


class Person(FastHttpUser):
    """Somebody with an address, a device and an account."""

    abstract = True
    host = WEB
    connection_timeout = 30.0
    network_timeout = 60.0
    think = (10, 30)
    """Least and most seconds between two actions."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.address = new_address()
        self.device = random.choice(DEVICES)
        self.email = f"{uuid.uuid4().hex}@example.com"
        self.latest: Outcome = "good"
        """The outcome of the latest request."""

    def wait_time(self) -> float:
        """Closes idle connections first: the server may do so just when a request is on its way."""
        self.client.client.close()
        return random.uniform(*self.think)

    def ask(
        self, method: str, url: str, name: str, good: Collection[int] = (200,), **options: Unpack[Options]
    ) -> FastResponse | None:
        """The answer, if its status is one of the good ones. Others are either an orderly refusal (429 or 503 with
        Retry-After) or bad; whether a refusal may come at this time is judged at the end."""
        begun = now()
        headers = {"X-Forwarded-For": self.address, "User-Agent": self.device, **options.get("headers", {})}
        with self.client.request(
            method,
            url,
            name=name,
            headers=headers,
            json=options.get("json"),
            catch_response=True,
            allow_redirects=False,
        ) as answer:
            status = answer.status_code
            orderly = status in REFUSALS and "retry-after" in {field.lower() for field in answer.headers or ()}
            self.latest = "good" if status in good else "refused" if orderly else "bad"
            why = "" if self.latest == "good" else f"{status} {reason(answer)}"
            keep(begun, name, self.latest, why)
            if self.latest == "bad" or (self.latest == "refused" and now() < RUSH.start):
                answer.failure(why)
            else:
                # A refusal is a line of its own in locust's report.
                answer.request_meta["name"] = f"{name}: {why}" if why else name
                answer.success()
            return answer if self.latest == "good" else None


def reason(answer: ResponseContextManager) -> str:
    """The code of a problem body, or what went wrong on the way."""
    try:
        return str(answer.json()["code"])
    except (ValueError, KeyError, TypeError, AttributeError):
        error = getattr(answer, "error", None)
        return f"{type(error).__name__}: {error}"[:120] if error else str(answer.text or "")[:80]


class Browser(Person):
    """Holds cookies, and one event stream that tells when the session has ended."""

    weight = 14

    def on_start(self) -> None:
        self.notes: list[str] = []
        self.stream: EventStream | None = None
        self.ask("GET", "/", "browser: page /")
        self.enter("/api/session/sign-up", "browser: sign up", {"name": "Ada"})

    def on_stop(self) -> None:
        if self.stream:
            self.stream.close()

    def enter(self, path: str, name: str, more: dict[str, str]) -> None:
        body = {"email": self.email, "password": PASSWORD, **more}
        if self.ask("POST", path, name, json=body, headers={"Origin": WEB}) is not None:
            self.stream = EventStream(WEB, self.cookies(), self.address, self.report, now)

    def report(self, name: str, begun: float, outcome: Outcome, why: str) -> None:
        keep(begun, name, outcome, why)
        self.environment.events.request.fire(
            request_type="SSE",
            name=name if outcome != "refused" else f"{name}: {why}",
            response_time=(now() - begun) * 1000,
            response_length=0,
            exception=RuntimeError(why) if outcome == "bad" else None,
            context={},
        )

    def cookies(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.client.cookiejar)

    def is_in(self) -> bool:
        """Signs in where necessary."""
        if self.stream is None:
            self.enter("/api/session/sign-in", "browser: sign in", {})
        return self.stream is not None

    @task(10)
    def read(self) -> None:
        if self.is_in():
            self.ask("GET", "/api/backend/notes", "browser: read notes")

    @task(4)
    def write(self) -> None:
        if not self.is_in():
            return
        origin = {"Origin": WEB}
        answer = self.ask("POST", "/api/backend/notes", "browser: write a note", (201,), json=NOTE, headers=origin)
        if answer is not None:
            self.notes.append(answer.json()["id"])
        if len(self.notes) > NOTES_KEPT:
            oldest = f"/api/backend/notes/{self.notes[0]}"
            if self.ask("DELETE", oldest, "browser: delete a note", (204,), headers=origin) is not None:
                del self.notes[0]

    @task(4)
    def roam(self) -> None:
        """Opens a page from another network."""
        self.address = new_address()
        if self.is_in():
            page = random.choice(PAGES)
            self.ask("GET", page, f"browser: page {page}")

    @task(1)
    def end(self) -> None:
        """Signs out; the next turn is on another device."""
        if not self.is_in() or self.stream is None:
            return
        self.stream.expect_end()
        if self.ask("POST", "/api/session/sign-out", "browser: sign out", (204,), headers={"Origin": WEB}) is None:
            self.stream.expect_life()
            return
        self.stream = None
        self.ask("GET", "/api/backend/me", "browser: signed out, refused", (401,))
        self.device = random.choice(DEVICES)


class Client(Person):
    """An application that holds its token, and no cookies."""

    weight = 6
    host = API

    def on_start(self) -> None:
        self.token = ""
        self.enter("sign-up", {"name": "Ada"})

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def enter(self, how: str, more: dict[str, str]) -> None:
        body = {"email": self.email, "password": PASSWORD, **more}
        answer = self.ask("POST", f"/api/auth/{how}", f"client: {how.replace('-', ' ')}", json=body)
        if answer is not None:
            self.token = answer.json()["access_token"]
        self.client.cookiejar.clear()

    def is_in(self) -> bool:
        """Signs in where necessary."""
        if not self.token:
            self.enter("sign-in", {})
        return bool(self.token)

    @task(10)
    def read(self) -> None:
        if self.is_in():
            self.ask("GET", "/api/notes", "client: read notes", headers=self.bearer)

    @task(4)
    def write(self) -> None:
        if self.is_in():
            self.ask("POST", "/api/notes", "client: write a note", (201,), json=NOTE, headers=self.bearer)

    @task(3)
    def roam(self) -> None:
        """Asks who it is from another network."""
        self.address = new_address()
        if self.is_in():
            self.ask("GET", "/api/me", "client: who am I", headers=self.bearer)

    @task(1)
    def renew(self) -> None:
        if self.is_in():
            answer = self.ask("POST", "/api/auth/renew", "client: renew", headers=self.bearer)
            if answer is not None:
                self.token = answer.json()["access_token"]

    @task(1)
    def end(self) -> None:
        """Signs out. The very next request with the same token must be refused."""
        if not self.is_in():
            return
        held = self.bearer
        if self.ask("POST", "/api/auth/sign-out", "client: sign out", headers=held) is None:
            return
        self.token = ""
        self.ask("GET", "/api/me", "client: signed out, refused", (401,), headers=held)


class Rushing(Person):
    """A newcomer who signs up every second, at either address; each sign-up hashes a password."""

    weight = 1
    think = (1, 1)

    @task
    def sign_up(self) -> None:
        self.address = new_address()
        form = {"name": "Ada", "email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
        where = random.choice([WEB, API])
        self.ask("POST", f"{where}/api/auth/sign-up", "rush: sign up", json=form)
        self.client.cookiejar.clear()
        if self.latest == "refused":
            record["refused"].append(form["email"])


class Steps(LoadTestShape):
    """The people of the rush arrive last and, since locust stops users in reverse order, leave first."""

    def tick(self) -> tuple[int, float, list[type[FastHttpUser]]] | None:
        """Locust calls this once a second."""
        busy = sum(seconds for kind, seconds in psutil.cpu_times()._asdict().items() if kind not in NOT_BUSY)
        record["samples"].append({"at": now(), "busy": busy, "own": time.process_time()})
        current = next((phase for phase in PHASES if now() < phase.end), None)
        if current is None:
            return None
        if current.rushing:
            return current.people + current.rushing, RUSH_ARRIVALS, [Rushing]
        rate = ARRIVALS if current.arriving else RUSH_ARRIVALS
        return current.people, rate, [Browser, Client]


@events.quitting.add_listener
def write_down(**_: object) -> None:
    Path(os.environ["LOAD_RECORD"]).write_text(json.dumps(record))
