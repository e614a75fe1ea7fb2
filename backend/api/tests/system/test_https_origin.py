"""The identity provider at an https origin, as it is behind a proxy that ends TLS."""

from collections.abc import Iterator

import httpx
import pytest

from scripts.stack.isolated import RunningStack, prepared_stack, short_lived_folder
from tests.system.people import form

ORIGIN = "https://app.example.com"
SESSION = "better-auth.session_token"


@pytest.fixture(scope="module")
def secure(stack: RunningStack) -> Iterator[RunningStack]:
    with (
        short_lived_folder() as folder,
        prepared_stack(folder, stack.urls, {"BETTER_AUTH_URL": ORIGIN}, workers=1) as second,
    ):
        second.start("web")
        yield second


def browser(stack: RunningStack) -> httpx.Client:
    return httpx.Client(base_url=stack.web, headers={"Origin": ORIGIN}, timeout=15)


def cookies_of(answer: httpx.Response) -> dict[str, str]:
    """What a browser holds after it, by name; the client's own jar keeps no `Secure` cookie that came over http."""
    pairs = (value.split(";", 1)[0].split("=", 1) for value in answer.headers.get_list("set-cookie"))
    return {name: value for name, value in pairs if value}


def signed_up(client: httpx.Client) -> httpx.Response:
    return client.post("/api/session/sign-up", json=form()).raise_for_status()


def sent(cookies: dict[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere", "/api/auth/jwks", "/api/auth/get-session", "/icon.svg"])
def test_every_answer_tells_browsers_to_stay_on_https(secure: RunningStack, stack: RunningStack, path: str) -> None:
    assert httpx.get(secure.web + path).headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in httpx.get(stack.web + path).headers, "RFC 6797, 7.2: not over http"


def test_every_cookie_is_bound_to_this_host_and_to_https(secure: RunningStack) -> None:
    with browser(secure) as client:
        up = signed_up(client)
        held = sent(cookies_of(up))
        out = client.post("/api/session/sign-out", headers=held)
        forgetful = {**form(), "rememberMe": False}
        client.post("/api/session/sign-up", json=forgetful).raise_for_status()
        brief = client.post("/api/session/sign-in", json=forgetful).raise_for_status()
    assert {f"__Host-{SESSION}", "__Host-access_token"} <= set(cookies_of(up))
    for answer in (up, out, brief):
        lines = answer.headers.get_list("set-cookie")
        assert lines
        for line in lines:
            attributes = {part.split("=", 1)[0].strip().lower(): part for part in line.split(";")[1:]}
            assert line.startswith("__Host-"), line
            assert attributes.keys() >= {"secure", "httponly", "path"}, line
            assert attributes["path"].strip() == "Path=/", line
            assert "domain" not in attributes, line


def test_a_session_under_the_former_cookie_name_continues_under_the_new_one(secure: RunningStack) -> None:
    with browser(secure) as client:
        value = cookies_of(signed_up(client))[f"__Host-{SESSION}"]
        former = sent({f"__Secure-{SESSION}": value})
        answer = client.get("/api/auth/get-session", headers=former)
        assert answer.json()["user"]["name"] == "Ada Lovelace"
        assert cookies_of(answer) == {f"__Host-{SESSION}": value}
        assert any(
            line.startswith(f"__Secure-{SESSION}=;") and "Max-Age=0" in line
            for line in answer.headers.get_list("set-cookie")
        )
        assert client.get("/notes", headers=former).status_code == 200
        assert client.get("/sign-in", headers=former).headers["location"] == "/notes"

        forged = sent({f"__Secure-{SESSION}": value[:-8] + "AAAAAAAA"})
        assert client.get("/api/auth/get-session", headers=forged).json() is None
