"""The composition of the service."""

from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.middleware import Middleware

from api.generated.permissions import SCOPES
from api.health import routes as health
from api.identity import routes as identity
from api.lifespan import lifespan
from api.middleware.body_limit import BodyLimit
from api.middleware.observe import Observe
from api.middleware.security_headers import SecurityHeaders
from api.middleware.unexpected import Unexpected
from api.notes import routes as notes
from api.problems import install_handlers
from api.settings import Settings
from resource_server.security import install_problem_handlers

BODY_LIMIT = 1024 * 1024
READABLE_HEADERS = ("Location", "Retry-After", "WWW-Authenticate", "X-Request-ID")


def create_app(settings: Settings) -> FastAPI:
    """The application; it connects to nothing before its lifespan begins."""
    app = FastAPI(
        title="Notes API",
        version="1.0.0",
        description=description(settings),
        lifespan=lifespan(settings),
        middleware=middleware(settings),
        redirect_slashes=False,
    )
    install_problem_handlers(app)
    install_handlers(app)
    for feature in (identity, notes, health):
        app.include_router(feature.router)
    return app


def middleware(settings: Settings) -> list[Middleware]:
    """Outermost first."""
    stack: list[Middleware] = [
        Middleware(Observe),
        Middleware(SecurityHeaders, https=settings.environment == "production"),
    ]
    if settings.cors_origins:
        allowed: dict[str, Any] = {
            "allow_origins": settings.cors_origins,
            "allow_methods": ["GET", "POST", "PATCH", "DELETE"],
            "allow_headers": ["Authorization", "Content-Type", "X-Request-ID"],
            "expose_headers": READABLE_HEADERS,
        }
        stack.append(Middleware(CORSMiddleware, **allowed))
    return [*stack, Middleware(Unexpected), Middleware(BodyLimit, limit=BODY_LIMIT)]


def description(settings: Settings) -> str:
    scopes = "\n".join(f"- `{name}`: {meaning}" for name, meaning in SCOPES.items())
    return (
        f"Send an access token of {settings.auth_issuer} as Bearer token: `POST /api/auth/sign-up` or "
        f"`POST /api/auth/sign-in` answers with one.\n\nScopes:\n\n{scopes}"
    )
