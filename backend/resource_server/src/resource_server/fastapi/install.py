"""What an application calls once, besides declaring its routes."""

from typing import Any

from fastapi import FastAPI
from starlette.applications import Starlette

from resource_server.fastapi.dependencies import Authentication
from resource_server.fastapi.openapi import complete_openapi
from resource_server.fastapi.problems import install_problem_handlers
from resource_server.fastapi.routing import AuthenticatedRoute


def install(app: Starlette, authentication: Authentication) -> None:
    """Turn refusals into problem responses, on a Starlette application too.

    On FastAPI, routes that are declared on the application itself from now on are ``AuthenticatedRoute``, and the
    OpenAPI document gets the security scheme and the refusals. A router takes
    ``APIRouter(route_class=AuthenticatedRoute)`` for the same speed.
    """
    install_problem_handlers(app)
    if not isinstance(app, FastAPI):
        return
    app.router.route_class = AuthenticatedRoute
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        return complete_openapi(generate(), authentication)

    app.openapi = openapi  # type: ignore[method-assign]
