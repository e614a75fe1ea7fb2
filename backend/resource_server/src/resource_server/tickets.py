"""Tickets for connections that can't carry an Authorization header: signed, good for 30 seconds, and once.

A browser's WebSocket is one. An authenticated request gets a ticket; the connection sends it in its address, and is
accepted as that caller. A ticket holds the claims of the caller's token, never the token. A caller that was revoked in
the meantime is refused.
"""

import asyncio
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_urlsafe
from typing import Final, Protocol

import jwt

from resource_server.several import AnyResourceServer
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.principal import Principal
from resource_server.verification.rules import Rule

LIFE: Final = 30
MIN_SECRET: Final = 32
_MAX_SIZE: Final = 8_192
_TYPE: Final = "ticket+jwt"
_ALGORITHM: Final = "HS256"


class TicketStore(Protocol):
    """Remembers which tickets were used, for all workers."""

    async def use(self, ticket_id: str, expires_at: int) -> bool:
        """Whether this is the first use. ``expires_at`` (epoch seconds): when it may be forgotten. Atomic."""
        ...


class FileTickets:
    """A TicketStore for the workers of one machine: an empty file for each ticket that was used, in a folder."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._swept_at = 0.0

    async def use(self, ticket_id: str, expires_at: int) -> bool:
        """See TicketStore."""
        return await asyncio.to_thread(self._use, ticket_id, expires_at)

    def _use(self, ticket_id: str, expires_at: int) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sweep()
        name = f"{expires_at}-{hashlib.sha256(ticket_id.encode()).hexdigest()}"
        try:
            # Only one of any number of processes can create it (POSIX, open, O_EXCL).
            os.close(os.open(self._folder / name, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        return True

    def _sweep(self) -> None:
        now = self._clock()
        if 0 <= now - self._swept_at < LIFE:
            return
        self._swept_at = now
        for file in self._folder.iterdir():
            expiry = file.name.partition("-")[0]
            if expiry.isdecimal() and int(expiry) < now - LIFE:
                file.unlink(missing_ok=True)


class Tickets:
    """Issues and accepts tickets. ``secret``: the same in all workers, at least 32 characters; raises ValueError."""

    def __init__(self, secret: str, store: TicketStore, *, clock: Callable[[], float] = time.time) -> None:
        if len(secret) < MIN_SECRET:
            raise ValueError(f"the secret of tickets must have at least {MIN_SECRET} characters")
        self._secret = secret
        self._store = store
        self._clock = clock

    def issue(self, principal: Principal, purpose: str) -> str:
        """A ticket for the caller. ``purpose``: what it is for, such as the path; it is accepted for nothing else."""
        claims = {
            "iss": principal.issuer,
            "aud": purpose,
            "exp": int(self._clock()) + LIFE,
            "jti": token_urlsafe(16),
            "caller": dict(principal.claims),
        }
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM, headers={"typ": _TYPE})

    async def accept(self, ticket: str, purpose: str, server: AnyResourceServer) -> Principal:
        """The caller of a ticket, which can't be used again. Raises TokenInvalid, or what ``server.check_current``
        raises when the token has expired or was revoked.
        """
        if len(ticket) > _MAX_SIZE:
            raise TokenInvalid("the ticket is larger than allowed", Rule.SIZE)
        try:
            found = jwt.PyJWT().decode_complete(
                ticket,
                self._secret,
                algorithms=[_ALGORITHM],
                audience=purpose,
                options={"require": ["iss", "aud", "exp", "jti", "caller"], "verify_exp": False, "strict_aud": True},
            )
        except jwt.InvalidTokenError as error:
            raise TokenInvalid(f"the ticket is not valid: {type(error).__name__}", Rule.TICKET) from None
        claims = found["payload"]
        if found["header"].get("typ") != _TYPE:
            raise TokenInvalid("the ticket is not of its type", Rule.TYPE)
        if self._clock() >= claims["exp"]:
            raise TokenInvalid("the ticket has expired", Rule.TICKET)
        if type(claims["iss"]) is not str or claims["iss"] not in server.issuers:
            raise TokenInvalid("the ticket is for the caller of another issuer", Rule.TICKET)
        principal = server.principal_of(claims["caller"])
        await server.check_current(principal)
        if not await self._store.use(claims["jti"], claims["exp"]):
            raise TokenInvalid("the ticket was used before", Rule.TICKET)
        return principal
