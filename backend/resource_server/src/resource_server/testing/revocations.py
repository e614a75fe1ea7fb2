"""Revocations that a test makes, instead of a feed."""

from collections.abc import Callable

from resource_server.verification.principal import Principal


class FakeRevocations:
    """A RevocationList. ``age``: seconds since it was known to be complete, for tests of staleness."""

    def __init__(self) -> None:
        self.age = 0.0
        self._sessions: set[str] = set()
        self._versions: dict[str, int] = {}
        self._tokens: set[str] = set()
        self._clients: set[str] = set()
        self._moments: dict[str, float] = {}
        self._subscriptions: list[tuple[Callable[[], None]]] = []

    def end_session(self, session_id: str) -> None:
        """Refuse the tokens of a session from now on."""
        self._sessions.add(session_id)
        self._tell()

    def raise_version(self, subject: str, version: int) -> None:
        """Refuse the subject's tokens below this version from now on."""
        self._versions[subject] = version
        self._tell()

    def revoke_token(self, token_id: str) -> None:
        """Refuse the token with this ``jti`` from now on."""
        self._tokens.add(token_id)
        self._tell()

    def revoke_client(self, client_id: str) -> None:
        """Refuse all tokens of a client from now on."""
        self._clients.add(client_id)
        self._tell()

    def revoke_issued_before(self, subject: str, moment: float) -> None:
        """Refuse the subject's tokens that were issued before a moment, in epoch seconds."""
        self._moments[subject] = moment
        self._tell()

    def is_revoked(self, principal: Principal) -> bool:
        """See RevocationList."""
        version = principal.token_version
        return (
            principal.session_id in self._sessions
            or (version is not None and version < self._versions.get(principal.subject, 0))
            or principal.token_id in self._tokens
            or principal.client_id in self._clients
            or principal.issued_at < self._moments.get(principal.subject, 0)
        )

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """See NotifyingRevocationList."""
        subscription = (changed,)
        self._subscriptions.append(subscription)
        return lambda: self._subscriptions.remove(subscription)

    def _tell(self) -> None:
        for (changed,) in tuple(self._subscriptions):
            changed()

    def staleness(self) -> float:
        """See RevocationList."""
        return self.age

    async def refresh(self) -> None:
        """See RevocationList."""
        self.age = 0.0
