"""A resource server: verifies access tokens by JWKS and refuses them as soon as they are revoked.

The names below are for any application; ``resource_server.fastapi`` has those for FastAPI, ``resource_server.testing``
those for tests. Each module is imported when one of its names is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from resource_server.addresses import check_address
    from resource_server.clients import new_client
    from resource_server.metrics import Metrics
    from resource_server.names import Names
    from resource_server.readiness import check_readiness, log_faults
    from resource_server.revocation.protocol import RevocationList
    from resource_server.server import ResourceServer
    from resource_server.settings import ResourceServerSettings
    from resource_server.several import ResourceServers
    from resource_server.verification.errors import (
        AuthenticationError,
        InsufficientRole,
        InsufficientScope,
        KeysUnavailable,
        RevocationStale,
        TokenExpired,
        TokenInvalid,
        TokenMissing,
        TokenRevoked,
    )
    from resource_server.verification.principal import Principal
    from resource_server.verification.rules import Rule

__all__ = [
    "AuthenticationError",
    "InsufficientRole",
    "InsufficientScope",
    "KeysUnavailable",
    "Metrics",
    "Names",
    "Principal",
    "ResourceServer",
    "ResourceServerSettings",
    "ResourceServers",
    "RevocationList",
    "RevocationStale",
    "Rule",
    "TokenExpired",
    "TokenInvalid",
    "TokenMissing",
    "TokenRevoked",
    "check_address",
    "check_readiness",
    "log_faults",
    "new_client",
]
_ELSEWHERE: Final = {
    "check_address": "addresses",
    "check_readiness": "readiness",
    "log_faults": "readiness",
    "new_client": "clients",
    "Metrics": "metrics",
    "Names": "names",
    "Principal": "verification.principal",
    "ResourceServer": "server",
    "ResourceServerSettings": "settings",
    "ResourceServers": "several",
    "RevocationList": "revocation.protocol",
    "Rule": "verification.rules",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_ELSEWHERE.get(name, 'verification.errors')}")
    return getattr(module, name)
