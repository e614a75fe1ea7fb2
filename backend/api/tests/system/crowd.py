"""People who use a stack while something breaks, and what each of their requests came to."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, Self, TypedDict, Unpack

import httpx

from scripts.stack.isolated import RunningStack
from tests.system.people import PASSWORD, form, new_email

BOUND = 20.0
"""`AUTH_REVOCATION_MAX_STALENESS`, in seconds."""
MINUTE = 60.0
CALM = 3.0
"""Seconds of ordinary use before and after each fault."""
RESTART = 2.0
"""`RestartSec` of the systemd units."""
PAUSE = 0.1
PATIENCE = 40.0
"""Seconds; more than the longest answer takes."""
TLS = httpx.create_ssl_context()
"""One for all clients: to make one takes longer than most requests."""

Outcome = Literal["good", "outage", "broken", "wrong"]
"""`outage`: a 503 that says when to come back, or a 504 that says that nobody knows; `broken`: the connection was
refused or cut; `wrong`: everything else, such as a 401 for a good token, a 500, or a revoked token that is let in."""


ASKED_FOR = {
    "token: me",
    "token: notes",
    "token: new note",
    "page",
    "browser: session",
    "browser: new note",
    "sign-in",
    "sign-out",
    "ended token",
    "sign-up",
}


class Options(TypedDict, total=False):
    headers: dict[str, str]
    json: object


@dataclass(frozen=True)
class Asked:
    what: str
    begun: float
    ended: float
    outcome: Outcome
    why: str


@dataclass
class Crowd:
    """Signs up when it is entered, and then reads, writes, signs in and out until it is left.

    `bound`: seconds after which no view of the revocations may be believed, so that a token whose session has ended
    must not be let in later than that.
    """

    stack: RunningStack
    bound: float
    threads: list[threading.Thread] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        web, api = self.stack.web, self.stack.api
        account = form()
        token = self.tokens(httpx.post(f"{web}/api/auth/sign-up", json=account, timeout=PATIENCE))
        with httpx.Client(timeout=PATIENCE, verify=TLS) as client:
            signed_up = client.post(f"{web}/api/session/sign-up", json=form(), headers={"Origin": web})
            assert signed_up.status_code == httpx.codes.OK, signed_up.text
            cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        bearer = {"Authorization": f"Bearer {token}"}
        browser = {"Origin": web, "Cookie": cookie}
        note = {"title": "A note", "body": ""}
        lives: dict[str, Callable[[httpx.Client], object]] = {
            "token": lambda client: self.ask(client, "token: me", "GET", f"{api}/api/me", headers=bearer),
            "read": lambda client: self.ask(client, "token: notes", "GET", f"{api}/api/notes", headers=bearer),
            "write": lambda client: self.ask(
                client, "token: new note", "POST", f"{api}/api/notes", 201, headers=bearer, json=note
            ),
            "page": lambda client: self.ask(client, "page", "GET", f"{web}/sign-in"),
            "session": lambda client: self.ask(
                client, "browser: session", "GET", f"{web}/api/auth/get-session", headers=browser
            ),
            "browser": lambda client: self.ask(
                client, "browser: new note", "POST", f"{web}/api/backend/notes", 201, headers=browser, json=note
            ),
            "sign-in": lambda client: self.come_and_go(client, str(account["email"])),
            "sign-up": lambda client: self.ask(
                client, "sign-up", "POST", f"{api}/api/auth/sign-up", json=form(email=new_email())
            ),
        }
        self.threads = [threading.Thread(target=self.live, args=(life,), daemon=True) for life in lives.values()]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join(2 * PATIENCE)

    @staticmethod
    def tokens(answer: httpx.Response) -> str:
        assert answer.status_code == httpx.codes.OK, answer.text
        return str(answer.json()["access_token"])

    def live(self, life: Callable[[httpx.Client], object]) -> None:
        while not self.stopped.wait(PAUSE):
            # A connection each time: a kept one that is cut says nothing of the service.
            with httpx.Client(timeout=PATIENCE, verify=TLS) as client:
                life(client)

    def ask(
        self, client: httpx.Client, what: str, method: str, url: str, good: int = 200, **options: Unpack[Options]
    ) -> httpx.Response | None:
        """The answer, when it is the good one."""
        begun = time.monotonic()
        try:
            answer = client.request(method, url, **options)
        except httpx.HTTPError as error:
            self.note(what, begun, "broken", type(error).__name__)
            return None
        why = f"{answer.status_code} {answer.text[:200]}"
        # A session that is there, and is said not to be, would sign its browser out.
        if answer.status_code == good and answer.text != "null":
            self.note(what, begun, "good", "")
            return answer
        is_outage = answer.status_code == 504 or (answer.status_code == 503 and "retry-after" in answer.headers)
        self.note(what, begun, "outage" if is_outage else "wrong", why)
        return None

    def come_and_go(self, client: httpx.Client, email: str) -> None:
        """Once the sign-out is answered, the token is refused, or in an outage at the latest after the bound."""
        body = {"email": email, "password": PASSWORD}
        entered = self.ask(client, "sign-in", "POST", f"{self.stack.api}/api/auth/sign-in", json=body)
        if entered is None:
            return
        bearer = {"Authorization": f"Bearer {self.tokens(entered)}"}
        left = self.ask(client, "sign-out", "POST", f"{self.stack.api}/api/auth/sign-out", headers=bearer)
        ended = time.monotonic()
        while left is not None:
            begun = time.monotonic()
            try:
                status = client.get(f"{self.stack.api}/api/me", headers=bearer).status_code
            except httpx.HTTPError:
                return
            if status != httpx.codes.OK:
                self.note("ended token", begun, "good" if status == 401 else "outage", str(status))
                return
            if begun - ended > self.bound:
                self.note("ended token", begun, "wrong", f"let in {begun - ended:.1f} s after the end")
                return
            time.sleep(PAUSE)

    def note(self, what: str, begun: float, outcome: Outcome, why: str) -> None:
        self.asked.append(Asked(what, begun, time.monotonic(), outcome, why))

    def run_for(self, seconds: float) -> None:
        time.sleep(seconds)
        assert all(thread.is_alive() for thread in self.threads), "a test's own mistake ended a life"

    def outcomes(self, since: float = 0.0, until: float = float("inf")) -> dict[str, Counter[Outcome]]:
        """Outcomes by request, for those begun after `since` and answered before `until`."""
        found: dict[str, Counter[Outcome]] = {}
        for one in list(self.asked):
            if one.begun >= since and one.ended <= until:
                found.setdefault(one.what, Counter())[one.outcome] += 1
        return found

    def told(self, *outcomes: Outcome, since: float = 0.0, but: Iterable[str] = ()) -> Counter[str]:
        """What was not as it should be, apart from what was asked under the names in `but`."""
        return Counter(
            f"{one.what}: {one.why}"
            for one in list(self.asked)
            if one.outcome in outcomes and one.begun >= since and one.what not in but
        )

    def heal(self, within: float) -> float:
        """Seconds until everybody's requests succeed again, counted to the first of them. Raises AssertionError."""
        started = time.monotonic()
        while True:
            seen = self.outcomes(since=started)
            since = {what: self.good_since(what, started) for what in seen}
            if seen.keys() >= ASKED_FOR and all(moment is not None for moment in since.values()):
                return max(moment or 0.0 for moment in since.values()) - started
            assert time.monotonic() - started < within, {what: dict(counts) for what, counts in seen.items()}
            time.sleep(0.1)

    def good_since(self, what: str, started: float) -> float | None:
        """When the first of the last three requests was begun that all were good."""
        last = [one for one in list(self.asked) if one.what == what and one.begun >= started][-3:]
        return last[0].begun if len(last) == 3 and all(one.outcome == "good" for one in last) else None
