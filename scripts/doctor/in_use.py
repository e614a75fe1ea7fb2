"""The settings that are in use: of the process environment, of both `.env` files, and of a stack that `make` runs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from resource_server.doctor.settings import secrets_in
from scripts.database import OF_A_DATABASE, DatabaseUrls
from scripts.env_values import api_values, web_values
from scripts.paths import API, DATA, FRONTEND
from scripts.stack import nats

Settings = Mapping[str, str]


@dataclass(frozen=True)
class InUse:
    """`web`: what the identity provider reads; `api`: what the API does. Empty counts as unset."""

    web: Settings
    api: Settings

    @property
    def web_url(self) -> str:
        return self.web.get("BETTER_AUTH_URL", "").rstrip("/")

    @property
    def api_url(self) -> str:
        return self.web.get("API_URL", "").rstrip("/")

    @property
    def is_production(self) -> bool:
        return self.web.get("NODE_ENV") == "production"

    def secrets(self) -> set[str]:
        return secrets_in(self.web) | secrets_in(self.api)


def in_use(
    urls: DatabaseUrls, derived: Settings, *, web_file: Path | None = None, api_file: Path | None = None
) -> InUse:
    """`derived`: what the stack that runs was given besides the files and the environment."""
    # A file that is named is that of a server, not of `make dev`.
    web = {
        **({"NODE_ENV": "production"} if web_file else {}),
        **given(web_values(web_file or FRONTEND / ".env")),
        **environment(),
        **derived,
        "DATABASE_URL": urls.owner,
    }
    api = {
        **({"ENVIRONMENT": "production"} if api_file else {}),
        **given(api_values(api_file or API / ".env")),
        **environment(),
        **derived,
        "DATABASE_URL": urls.api,
        "DATABASE_URL_UNPOOLED": urls.api_direct,
    }
    if "NATS_USER" in derived:
        api["NATS_PASSWORD"] = nats.password(DATA / nats.FOLDER, derived["NATS_USER"])
    return InUse(web, api)


def addresses(web_file: Path | None, api_file: Path | None) -> dict[str, str]:
    """The environment with the databases' addresses of the files that are named."""
    named = dict(os.environ)
    if web_file and (owner := web_values(web_file).get("DATABASE_URL")):
        named["DATABASE_URL"] = owner
    of_api = api_values(api_file) if api_file else {}
    for name in ("DATABASE_URL", "DATABASE_URL_UNPOOLED"):
        if of_api.get(name):
            named[f"API_{name}"] = of_api[name]
    return named


def given(values: Settings) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def environment() -> dict[str, str]:
    return {name: value for name, value in given(os.environ).items() if name not in OF_A_DATABASE}
