"""What notifications say before the database has confirmed it: it counts at once, and until the database has answered.

A notification is a hint. Whoever learns the channel's name could make one; so none lasts longer than one question.
"""

from resource_server.revocation.page import Page
from resource_server.verification.principal import Principal


class Hints:
    """Ended sessions, and the lowest version alive of users, as hinted. Empty nearly always."""

    def __init__(self) -> None:
        self._sessions: set[str] = set()
        self._versions: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._sessions or self._versions)

    def add(self, page: Page) -> None:
        """Takes in a page of hints."""
        self._sessions.update(page.sids)
        for subject, version in zip(page.subs, page.sub_min_vers, strict=True):
            self._versions[subject] = max(version, self._versions.get(subject, 0))

    def clear(self) -> None:
        """The database has answered: what was true is in its answer."""
        self._sessions.clear()
        self._versions.clear()

    def is_revoked(self, principal: Principal) -> bool:
        """Whether a hint concerns a token of this session, or of this user with this version."""
        version = principal.token_version
        return principal.session_id in self._sessions or (
            version is not None and version < self._versions.get(principal.subject, 0)
        )
