"""Protection of FastAPI and Starlette applications. No module outside this package imports either."""

from resource_server.fastapi.auth import Auth
from resource_server.fastapi.dependencies import Authentication, OptionalPrincipal, RequiredPrincipal
from resource_server.fastapi.install import install
from resource_server.fastapi.openapi import complete_openapi
from resource_server.fastapi.problems import install_problem_handlers, problem_response
from resource_server.fastapi.routing import AuthenticatedRoute
from resource_server.verification.principal import Principal

__all__ = [
    "Auth",
    "AuthenticatedRoute",
    "Authentication",
    "OptionalPrincipal",
    "Principal",
    "RequiredPrincipal",
    "complete_openapi",
    "install",
    "install_problem_handlers",
    "problem_response",
]
