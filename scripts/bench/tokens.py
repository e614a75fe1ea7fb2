"""Real tokens, their key set, and an address that serves it: what every contender is given."""

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

KEY_ID = "bench"
# The bridge refuses to accept tokens that live longer than a day.
LIFETIME = 3_600


@dataclass(frozen=True)
class Issuer:
    """One key, and whom its tokens are from and for: the same origin, as the peers want it."""

    origin: str
    algorithm: str
    private_key: Ed25519PrivateKey | RSAPrivateKey
    jwks: dict[str, Any]

    def token(self) -> str:
        now = int(time())
        claims = {
            "iss": self.origin,
            "aud": self.origin,
            "sub": "user-1",
            "iat": now,
            "exp": now + LIFETIME,
            "jti": str(uuid.uuid4()),
            "sid": uuid.uuid4().hex,
            "ver": 0,
            "scope": "notes:read notes:write",
            "roles": ["user"],
            "id": "user-1",
            "email": "ada@example.com",
            "email_verified": True,
            "emailVerified": True,
            "name": "Ada Lovelace",
        }
        return jwt.encode(claims, self.private_key, self.algorithm, headers={"kid": KEY_ID})


@contextmanager
def serving(algorithm: str) -> Iterator[Issuer]:
    """An issuer of EdDSA or RS256 tokens whose key set is served on loopback."""
    key: Ed25519PrivateKey | RSAPrivateKey
    if algorithm == "EdDSA":
        key = Ed25519PrivateKey.generate()
        public = json.loads(OKPAlgorithm.to_jwk(key.public_key()))
    else:
        key = generate_private_key(65_537, 2_048)
        public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
        public.pop("key_ops", None)
    jwks = {"keys": [{**public, "kid": KEY_ID, "alg": algorithm}]}
    body = json.dumps(jwks).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Issuer(f"http://localhost:{server.server_port}", algorithm, key, jwks)
    finally:
        server.shutdown()
