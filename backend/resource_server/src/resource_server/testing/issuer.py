"""A fake issuer: signing keys with their rotation, valid tokens, and the JWK Set, in memory or over a real socket."""

import hashlib
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, Protocol

import httpx

from resource_server.jwks.discovery import metadata_addresses
from resource_server.revocation.protocol import RevocationList
from resource_server.settings import ResourceServerSettings
from resource_server.testing.attacks import Sample
from resource_server.testing.signing import AlgorithmName, SigningKey, encode_json
from resource_server.verification.policy import Policy

_PATH = "/api/auth/jwks"

Respond = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


class Replaceable(Protocol):
    """The parts of an ``Auth`` of ``resource_server.fastapi`` that ``impersonate`` replaces."""

    settings: ResourceServerSettings
    client: httpx.AsyncClient | None
    revocations: RevocationList | None


class FakeIssuer:
    """Issues tokens that a ResourceServer with these ``settings`` accepts. Times are in seconds.

    ``keys`` are published; the last one signs. ``respond``, when set, answers for the JWK Set instead, for outages.
    ``fetches`` counts the requests for the JWK Set. ``cache_control`` and ``headers`` are sent
    with it.
    """

    def __init__(
        self,
        *,
        issuer: str = "https://idp.test",
        audience: str = "https://api.test",
        algorithm: AlgorithmName = "EdDSA",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.clock = clock
        self.settings = ResourceServerSettings(issuer=issuer, audience=audience, jwks_url=issuer + _PATH)
        self.keys: list[SigningKey] = []
        self.respond: Respond | None = None
        self.cache_control: str | None = None
        self.headers: dict[str, str] = {}
        self.fetches = 0
        self._numbers = count(1)
        self.rotate(algorithm)

    @property
    def policy(self) -> Policy:
        """What the settings ask of a token."""
        return self.settings.policy

    @property
    def jwks_url(self) -> str:
        """Where the JWK Set is published."""
        return self.settings.jwks_url or self.settings.issuer.rstrip("/") + _PATH

    @property
    def metadata(self) -> dict[str, str]:
        """The issuer's metadata (OpenID Connect Discovery, RFC 8414), as far as a resource server reads it."""
        return {"issuer": self.settings.issuer, "jwks_uri": self.jwks_url}

    @property
    def jwks(self) -> dict[str, Any]:
        """The published JWK Set."""
        return {"keys": [key.public_jwk for key in self.keys]}

    def rotate(self, algorithm: AlgorithmName | None = None) -> SigningKey:
        """Publish a new key, and sign with it from now on."""
        number = next(self._numbers)
        self.keys.append(SigningKey.generate(f"key-{number}", algorithm or self.keys[-1].algorithm))
        return self.keys[-1]

    def retire(self, key: SigningKey) -> None:
        """Stop publishing the key."""
        self.keys.remove(key)

    def claims(
        self,
        *,
        subject: str = "user-1",
        session_id: str = "session-1",
        version: int = 0,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = ("user",),
        life: int = 30 * 86_400,
        **others: object,
    ) -> dict[str, Any]:
        """The claims of a valid token; ``others`` are added, or replace those with the same name."""
        now = int(self.clock())
        return {
            "iss": self.settings.issuer,
            "aud": self.settings.audience,
            "sub": subject,
            "iat": now,
            "exp": now + life,
            "jti": f"token-{next(self._numbers)}",
            "sid": session_id,
            "ver": version,
            "scope": " ".join(scopes),
            "roles": list(roles),
            "email": f"{subject}@example.com",
            "email_verified": True,
            "name": "A User",
            **others,
        }

    def token(
        self,
        *,
        subject: str = "user-1",
        session_id: str = "session-1",
        version: int = 0,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = ("user",),
        life: int = 30 * 86_400,
        **others: object,
    ) -> str:
        """A valid token, signed by the last key."""
        claims = self.claims(
            subject=subject, session_id=session_id, version=version, scopes=scopes, roles=roles, life=life, **others
        )
        return self.keys[-1].token(claims)

    def sample(self) -> Sample:
        """What the attacks start from: a valid token, and keys that must not be accepted."""
        key = self.keys[-1]
        others: tuple[AlgorithmName, ...] = ("RS256", "EdDSA") if key.algorithm == "EdDSA" else ("EdDSA", "RS256")
        other = next((other for other in self.keys if other.algorithm == others[0]), None)
        other = other or self.rotate_aside(others[0])
        claims = self.claims(scopes=("notes:read",))
        # Not read from the clock again: the next second may have begun.
        return Sample(claims=claims, key=key, other_key=other, policy=self.policy, now=claims["iat"])

    def rotate_aside(self, algorithm: AlgorithmName) -> SigningKey:
        """Publish a further key that does not sign."""
        key = SigningKey.generate(f"key-{next(self._numbers)}", algorithm)
        self.keys.insert(0, key)
        return key

    def client(self) -> httpx.AsyncClient:
        """An HTTP client that reaches only this issuer, in memory."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    @contextmanager
    def impersonate(self, auth: Replaceable, revocations: RevocationList | None = None) -> Iterator[None]:
        """Replace an ``Auth``'s issuer, and its revocations, for lifespans that begin in the context. From then on this
        issuer's tokens have that issuer and that audience.
        """
        before = auth.client, auth.revocations
        self.settings = auth.settings
        auth.client, auth.revocations = self.client(), revocations
        try:
            yield
        finally:
            auth.client, auth.revocations = before

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Publish the JWK Set over a real socket on loopback while in the context; yields its address."""
        document = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = document.publish(httpx.Request("GET", document.jwks_url, headers=dict(self.headers)))
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            before = self.settings
            self.settings = replace(before, jwks_url=f"http://127.0.0.1:{server.server_port}{_PATH}")
            try:
                yield self.jwks_url
            finally:
                self.settings = before
                server.shutdown()
                thread.join()

    def publish(self, request: httpx.Request) -> httpx.Response:
        """The answer for the JWK Set: 200 with an ETag, or 304."""
        self.fetches += 1
        body = encode_json(self.jwks)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = self.headers | {"ETag": etag} | ({"Cache-Control": self.cache_control} if self.cache_control else {})
        if request.headers.get("if-none-match") == etag:
            return httpx.Response(HTTPStatus.NOT_MODIFIED, headers=headers)
        return httpx.Response(HTTPStatus.OK, content=body, headers=headers | {"Content-Type": "application/json"})

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) == metadata_addresses(self.settings.issuer)[0]:
            return httpx.Response(HTTPStatus.OK, json=self.metadata)
        if request.url != self.jwks_url:
            return httpx.Response(HTTPStatus.NOT_FOUND)
        if self.respond is None:
            return self.publish(request)
        self.fetches += 1
        answer = self.respond(request)
        return answer if isinstance(answer, httpx.Response) else await answer
