"""Whether a caller may do what a request needs: its scopes and its roles."""

from collections.abc import Sequence, Set

from resource_server.verification.errors import InsufficientRole, InsufficientScope
from resource_server.verification.principal import Principal


def check_permission(principal: Principal, scopes: Sequence[str], roles: Set[str]) -> None:
    """Raise InsufficientScope or InsufficientRole unless the caller has every one of them."""
    for scope in scopes:
        if scope not in principal.scopes:
            raise InsufficientScope(scopes, f"the token lacks the scope {scope}")
    if not roles <= principal.roles:
        missing = ", ".join(sorted(roles - principal.roles))
        raise InsufficientRole(sorted(roles), f"the caller lacks the role {missing}")
