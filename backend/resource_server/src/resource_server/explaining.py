"""What a resource server answers to a token, and why, step by step. For operators; requests do not use this."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from resource_server.server import ResourceServer, digest_of
from resource_server.several import AnyResourceServer, ResourceServers
from resource_server.verification import claims as rules_of_claims
from resource_server.verification import tokens
from resource_server.verification.errors import AuthenticationError, RevocationStale, TokenRevoked
from resource_server.verification.permission import check_permission
from resource_server.verification.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resource_server.verification.keys import VerificationKey
    from resource_server.verification.principal import Principal

FEED_TIMEOUT: Final = 10.0
"""Seconds to wait for the revocations to be complete."""
_LONGEST: Final = 200

Outcome = Literal["ok", "REFUSED", "-"]


class Step(NamedTuple):
    """One check; ``-`` when it was not made, and ``detail`` says why. Never holds the token."""

    name: str
    outcome: Outcome
    detail: str
    rule: Rule | None = None


@dataclass
class Explanation:
    """``answer``: the refusal that a request with the token gets now, or None when it is accepted."""

    answer: AuthenticationError | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def text(self) -> str:
        """For a terminal: one line for each step, then the answer."""
        lines = [f"{step.outcome:8}{step.name:16}{step.detail}" for step in self.steps]
        if self.answer is None:
            return "\n".join([*lines, "", "A request with this token is accepted."])
        refused, rule = self.answer, f", rule {self.answer.rule}" if self.answer.rule else ""
        return "\n".join([*lines, "", f"Answer: {refused.status} {refused.code}{rule}: {refused.reason}"])

    def look(self, name: str, check: Callable[[], str]) -> bool:
        """Add a step; ``check`` raises a refusal, or says what was found."""
        try:
            self.steps.append(Step(name, "ok", check()))
        except AuthenticationError as refusal:
            self.steps.append(Step(name, "REFUSED", refusal.reason, refusal.rule))
        return self.steps[-1].outcome == "ok"

    def skip(self, name: str, why: str) -> None:
        """Add a step that can't be checked, or need not be."""
        self.steps.append(Step(name, "-", why))


async def explain(
    server: AnyResourceServer, token: str, *, scopes: Iterable[str] = (), roles: Iterable[str] = ()
) -> Explanation:
    """Ask a running server, and check each rule by itself. ``scopes`` and ``roles``: what the route asks for."""
    found = Explanation()
    asked = tuple(scopes), frozenset(roles)
    chosen = _chosen(server, token, found)
    principal: Principal | None = None
    if chosen is not None:
        await _catch_up(chosen)
        await _Steps(chosen, token, found).look(*asked)
    try:
        principal = await server.authenticate(token)
        check_permission(principal, *asked)
    except AuthenticationError as refusal:
        found.answer = refusal
    return found


def _chosen(server: AnyResourceServer, token: str, found: Explanation) -> ResourceServer | None:
    """The server for the token's issuer."""
    if not isinstance(server, ResourceServers):
        return server
    chosen: list[ResourceServer] = []

    def choose() -> str:
        chosen.append(server.of(tokens.claimed_issuer(token, server.max_token_size)))
        return f"the claim iss chooses {chosen[0].settings.issuer!r} among {len(server.issuers)} issuers"

    found.look("issuers", choose)
    return chosen[0] if chosen else None


async def _catch_up(server: ResourceServer) -> None:
    if server.revocations is not None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FEED_TIMEOUT):
                await server.revocations.refresh()


class _Steps:
    def __init__(self, server: ResourceServer, token: str, found: Explanation) -> None:
        self._server = server
        self._policy = server.settings.policy
        self._token = token
        self._found = found

    async def look(self, scopes: Sequence[str], roles: frozenset[str]) -> None:
        found = self._found
        parts: list[bytes] = []

        def form() -> str:
            parts.extend(tokens.split(self._token.encode("utf-8", "surrogatepass"), self._policy.max_token_size))
            return f"{len(self._token)} octets, at most {self._policy.max_token_size}; three parts"

        if not found.look("form", form):
            found.skip("the rest", "nothing can be read")
            return
        await self._signature(parts[0])
        principal = self._claims(parts[1])
        if principal is None:
            found.skip("revocation", "there is no caller to check")
            return
        self._revocation(principal)
        self._permission(principal, scopes, roles)

    async def _signature(self, header: bytes) -> None:
        found, known = self._found, tokens.KnownHeaders()
        read: list[tokens.Header] = []

        def headers() -> str:
            read.append(known.read(header, self._policy))
            return f"alg is {_short(read[0].algorithm)}, kid is {_short(read[0].key_id or None)}"

        if not found.look("header", headers):
            found.skip("key", "none can be chosen by this header")
            found.skip("signature", "there is no key")
            return
        keys: list[VerificationKey] = []
        refusal: AuthenticationError | None = None
        try:
            keys.append(await self._server.find_key(read[0], digest_of(self._token)))
        except AuthenticationError as error:
            refusal = error

        def key() -> str:
            if refusal is not None:
                raise refusal
            return f"is among the issuer's: {self._keys()}"

        def matches() -> str:
            tokens.check_signature(tokens.parse(self._token, self._policy, known), keys[0])
            return "matches"

        if found.look("key", key):
            found.look("signature", matches)
        else:
            found.skip("signature", "there is no key")

    def _keys(self) -> str:
        return ", ".join(map(_short, self._server.key_set().key_ids)) or "one without kid"

    def _claims(self, payload: bytes) -> Principal | None:
        found, policy, read = self._found, self._policy, dict[str, Any]()
        built: list[Principal] = []

        def kind() -> str:
            claims = tokens.read_payload(payload)
            read.update(claims if policy.is_plain else policy.profile.normalise(claims))
            rules_of_claims.check_kind(claims, policy)
            return f"{len(claims)} claims of an access token"

        def presence() -> str:
            rules_of_claims.check_presence(read, policy)
            return f"{', '.join(sorted(policy.required_claims))} are there; all are of their types"

        def issuer() -> str:
            rules_of_claims.check_issuer(read, policy)
            return f"is {policy.issuer!r}"

        def audience() -> str:
            rules_of_claims.check_audience(read, policy)
            return f"is for {policy.audience!r}" if policy.profile.audience else "any is accepted"

        def time() -> str:
            rules_of_claims.check_time(read, policy, self._server.now())
            return f"issued {_moment(read['iat'])}, expires {_moment(read['exp'])}"

        def principal() -> str:
            built.append(self._server.principal_of(read))
            return type(built[0]).__name__

        checks = {"issuer": issuer, "audience": audience, "time": time, "caller": principal}
        found.look("payload", kind)
        if read and found.look("claims", presence):
            for name, check in checks.items():
                found.look(name, check)
        else:
            for name in checks:
                found.skip(name, "the claims can't be relied on")
        return built[0] if built else None

    def _revocation(self, principal: Principal) -> None:
        revocations = self._server.revocations
        if revocations is None:
            self._found.skip("revocation", "none is configured: a token is accepted until it expires")
            return
        age, bound = revocations.staleness(), self._server.settings.max_revocation_staleness or FEED_TIMEOUT
        status = getattr(revocations, "status", None)
        failure = (status().remedy or status().error) if status is not None else None

        def check() -> str:
            if revocations.is_revoked(principal):
                raise TokenRevoked("the token was revoked: by itself, its session, version or client, or by its age")
            if not age <= bound:
                because = f": {failure}" if failure else ""
                raise RevocationStale(f"the list is {age:.0f} s old, and at most {bound:g} s are allowed{because}")
            return f"not revoked, by a list that is {age:.1f} s old"

        self._found.look("revocation", check)

    def _permission(self, principal: Principal, scopes: Sequence[str], roles: frozenset[str]) -> None:
        def check() -> str:
            check_permission(principal, scopes, roles)
            return f"scopes {_names(principal.scopes)}; roles {_names(principal.roles)}"

        self._found.look("permission", check)


def _short(text: str | None) -> str:
    return "absent" if text is None else repr(text)[:_LONGEST]


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(_short, sorted(names))) or "none"


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
