"""The service's configuration: the process environment first, then `backend/api/.env`. The only reader of either."""

import math
import sys
from collections.abc import Mapping
from dataclasses import fields
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from resource_server import ResourceServerSettings, check_address
from resource_server.revocation import NatsAccess

ENV_FILE = Path(__file__).resolve().parents[2] / ".env"
STARTUP_FAILURE = 3
"""Exit status that makes uvicorn's supervisor stop instead of starting the worker again."""


LIBRARY: Mapping[str, Any] = {field.name: field.default for field in fields(ResourceServerSettings)}
"""The library's defaults, where the service has no other."""


def split(value: object) -> object:
    """A comma separated text as a list without empty items."""
    return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value


def upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def web_address(value: str) -> str:
    url = urlsplit(value)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError("must be an address such as https://auth.example.com")
    if url.username or url.password or url.fragment:
        raise ValueError("must have no user name, password or fragment")
    return value


def secure_address(value: str) -> str:
    try:
        check_address("it", value, "whoever alters the answers decides who is accepted")
    except ValueError as error:
        raise ValueError(str(error).removeprefix("it ")) from None
    return value


def staleness_bound(seconds: float) -> float:
    # Completeness is checked three times within the bound, and at most once a second.
    if seconds != 0 and not 3 <= seconds < math.inf:
        raise ValueError("must be 3 seconds or more, or 0 to ask the database on every request")
    return seconds


def origin(value: str) -> str:
    url = urlsplit(web_address(value))
    if value != f"{url.scheme}://{url.netloc}":
        raise ValueError("must be an origin such as https://app.example.com, without a path or a trailing slash")
    return value


def postgres_address(value: SecretStr) -> SecretStr:
    try:
        url = urlsplit(value.get_secret_value())
    except ValueError:
        # Its message may quote the password.
        raise ValueError("must be of the form postgresql://user:password@host/database") from None
    if url.scheme not in {"postgresql", "postgres"}:
        raise ValueError("must be of the form postgresql://user:password@host/database")
    # libpq would take what follows for the host, and name it when it can't be found.
    if url.netloc.count("@") > 1 or "@" in url.path:
        raise ValueError("has a special character in its password: percent-encode it (@ is %40)")
    return value


Algorithm = Literal["EdDSA", "Ed25519", "RS256", "PS256", "ES256"]
Origin = Annotated[str, AfterValidator(origin)]
SecureAddress = Annotated[str, AfterValidator(secure_address)]
Credential = Annotated[SecretStr, Field(min_length=32)]
DatabaseAddress = Annotated[SecretStr, AfterValidator(postgres_address)]
Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    """Each field is the variable of the same name in capitals; `env.example` explains them."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    environment: Literal["development", "production"] = "development"
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(upper)] = "INFO"
    log_format: Literal["json", "console"] | None = None

    database_url: DatabaseAddress
    database_url_unpooled: DatabaseAddress | None = None

    auth_issuer: SecureAddress
    auth_audience: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    auth_jwks_url: SecureAddress
    auth_algorithms: Annotated[tuple[Algorithm, ...], NoDecode, BeforeValidator(split), Field(min_length=1)] = LIBRARY[
        "algorithms"
    ]
    auth_leeway: Annotated[float, Field(ge=0, le=300)] = LIBRARY["leeway"]
    auth_max_token_life: Annotated[float, Field(gt=0, allow_inf_nan=False)] = LIBRARY["max_token_life"]
    auth_max_stale_keys: Annotated[float, Field(gt=0, allow_inf_nan=False)] = LIBRARY["max_key_set_age"]
    auth_jwks_snapshot: Path | None = None
    auth_revocation_max_staleness: Annotated[float, AfterValidator(staleness_bound)] = LIBRARY[
        "max_revocation_staleness"
    ]

    idp_url: SecureAddress | None = None
    cors_origins: Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(split)] = ()
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(split)] = (
        IPv4Network("127.0.0.0/8"),
        IPv6Network("::1/128"),
    )

    client_ip_header: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[A-Za-z0-9-]+$")] = "x-client-ip"

    api_docs: bool | None = None
    management_token: Credential | None = None

    revocation_feed: Literal["postgres", "http", "nats", "off"] = "postgres"
    revocation_feed_url: SecureAddress | None = None
    revocation_feed_token: SecretStr | None = None
    nats_url: str | None = None
    nats_user: str | None = None
    nats_password: SecretStr | None = None
    nats_credentials: Path | None = None
    nats_nkey_seed: Path | None = None
    nats_ca: Path | None = None
    nats_stream: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "revocations"

    @property
    def identity_provider(self) -> str:
        """Where the relay sends `/api/auth/*`, without a trailing slash."""
        return (self.idp_url or self.auth_issuer).rstrip("/")

    @property
    def has_docs(self) -> bool:
        """Whether `/docs` and `/openapi.json` are served."""
        return self.environment == "development" if self.api_docs is None else self.api_docs

    @property
    def nats_access(self) -> NatsAccess:
        """How to reach NATS. Raises ValueError, which names the variable."""
        if not self.nats_url:
            raise ValueError("REVOCATION_FEED=nats needs NATS_URL, such as tls://nats.example.com:4222")
        try:
            return NatsAccess(
                self.nats_url,
                user=self.nats_user,
                password=self.nats_password.get_secret_value() if self.nats_password else None,
                credentials=self.nats_credentials,
                nkey_seed=self.nats_nkey_seed,
                ca=self.nats_ca,
            )
        except ValueError as error:
            raise ValueError(f"NATS_URL, or a variable that belongs to it: {error}") from error

    @model_validator(mode="after")
    def consistent(self) -> Self:
        if self.revocation_feed == "http" and not (self.revocation_feed_url and self.revocation_feed_token):
            raise ValueError("REVOCATION_FEED=http needs REVOCATION_FEED_URL and REVOCATION_FEED_TOKEN")
        if self.revocation_feed == "nats":
            _ = self.nats_access
        if self.environment == "production" and self.revocation_feed == "off":
            raise ValueError("REVOCATION_FEED=off would accept revoked tokens: production uses postgres, http or nats")
        issuer, keys = urlsplit(self.auth_issuer), urlsplit(self.auth_jwks_url)
        if self.auth_issuer.endswith("/") and issuer.netloc == keys.netloc:
            raise ValueError("AUTH_ISSUER ends in a slash, but Better Auth's issuer has none: remove the slash")
        return self


def explain(error: ValidationError) -> str:
    """One line that names each wrong variable and the remedy; never a value."""
    problems = []
    for item in error.errors(include_input=False, include_url=False, include_context=False):
        name = str(item["loc"][0]).upper() if item["loc"] else ""
        message = "is missing" if item["type"] == "missing" else item["msg"].removeprefix("Value error, ")
        problems.append(f"{name} {message}".strip())
    where = "in the environment or in backend/api/.env (see env.example beside it)"
    return f"configuration: {'; '.join(problems)}. Set it {where}."


def load_settings() -> Settings:
    """The settings, or the end of the process with one line on standard error."""
    try:
        return Settings()
    except ValidationError as error:
        problem = explain(error)
    except PermissionError:
        # As in a checkout where root has run `make dev`, and the service runs as somebody else.
        problem = "configuration: this user may not read backend/api/.env; make it readable, or remove it"
    print(problem, file=sys.stderr)
    raise SystemExit(STARTUP_FAILURE)
