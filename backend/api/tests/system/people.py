"""People who use the stack, each with a browser's cookies and a token of their own."""

import uuid
from dataclasses import dataclass

import httpx
import jwt

PASSWORD = "Corr3ctHorse"


@dataclass
class Person:
    email: str
    token: str
    client: httpx.Client
    """Holds the session's cookies, and sends the origin that they need. It signed in without, and so got a token."""

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def claims(self) -> dict[str, object]:
        return jwt.decode(self.token, options={"verify_signature": False})

    def __enter__(self) -> "Person":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()


def new_email() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.com"


def form(**changes: object) -> dict[str, object]:
    return {"name": "Ada Lovelace", "email": new_email(), "password": PASSWORD, **changes}


def sign_up(web: str, **changes: object) -> Person:
    return enter(web, "/api/auth/sign-up", form(**changes))


def sign_in(web: str, email: str, password: str = PASSWORD) -> Person:
    return enter(web, "/api/auth/sign-in", {"email": email, "password": password})


def enter(web: str, path: str, body: dict[str, object]) -> Person:
    client = httpx.Client(base_url=web, timeout=15)
    answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    client.headers["Origin"] = web
    return Person(str(body["email"]), answer.json()["access_token"], client)
