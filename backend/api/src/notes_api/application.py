"""Composes the service."""

from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.middleware import Middleware

from notes_api import tracing
from notes_api.access import authentication
from notes_api.docs import install_docs
from notes_api.health import routes as health
from notes_api.identity import routes as identity
from notes_api.lifespan import lifespan
from notes_api.middleware.body_limit import BodyLimit
from notes_api.middleware.observe import Observe
from notes_api.middleware.security_headers import SecurityHeaders
from notes_api.middleware.unexpected import Unexpected
from notes_api.notes import erasure
from notes_api.notes import routes as notes
from notes_api.openapi import complete
from notes_api.problems import install_handlers
from notes_api.settings import Settings
from resource_server.fastapi import complete_openapi, install

BODY_LIMIT = 1024 * 1024
DESCRIPTION = """Send an access token as Bearer token. `POST /api/auth/sign-up` with `name`, `email` and `password`, or
`POST /api/auth/sign-in` with `email` and `password`, answers with one in `access_token`."""
READABLE_HEADERS = ("Location", "Retry-After", "WWW-Authenticate", "X-Request-ID")


class Service(FastAPI):
    """FastAPI with the completed OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = complete(complete_openapi(super().openapi(), authentication))
        return self.openapi_schema


def create_app(settings: Settings) -> Service:
    """The application; it connects to nothing before its lifespan begins."""
    app = Service(
        title="Notes API",
        version="1.0.0",
        description=DESCRIPTION,
        lifespan=lifespan(settings),
        middleware=middleware(settings),
        redirect_slashes=False,
        openapi_url="/openapi.json" if settings.has_docs else None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    install(app, authentication)
    install_handlers(app)
    for feature in (identity, notes, erasure, health):
        app.include_router(feature.router)
    if settings.has_docs:
        install_docs(app)
    return app


def middleware(settings: Settings) -> list[Middleware]:
    """Outermost first."""
    stack: list[Middleware] = [
        *tracing.middleware(),
        Middleware(Observe),
        Middleware(SecurityHeaders, https=settings.environment == "production"),
    ]
    if settings.cors_origins:
        allowed: dict[str, Any] = {
            "allow_origins": settings.cors_origins,
            "allow_methods": ["GET", "POST", "PATCH", "DELETE"],
            "allow_headers": ["Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"],
            "expose_headers": READABLE_HEADERS,
        }
        stack.append(Middleware(CORSMiddleware, **allowed))
    return [*stack, Middleware(Unexpected), Middleware(BodyLimit, limit=BODY_LIMIT)]
