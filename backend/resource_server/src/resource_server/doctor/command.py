"""`python -m resource_server doctor`: examines the settings in the environment, the issuer, the feed and a token."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from resource_server.clients import new_client
from resource_server.doctor import http_feed, trial
from resource_server.doctor.finding import Finding, exit_status, fault, report
from resource_server.doctor.key_set import examine_key_set
from resource_server.doctor.settings import examine_settings, secrets_in

if TYPE_CHECKING:
    import httpx

    from resource_server.settings import ResourceServerSettings

HELP: Final = "say what is wrong with the settings, the issuer, the revocation feed, and what to do about it"
DESCRIPTION: Final = """Reads AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS_URL, AUTH_ALGORITHMS, AUTH_LEEWAY,
AUTH_MAX_TOKEN_LIFE, AUTH_REVOCATION_MAX_STALENESS, REVOCATION_FEED (postgres, http, nats or off), DATABASE_URL,
DATABASE_URL_UNPOOLED, REVOCATION_FEED_URL, REVOCATION_FEED_TOKEN, NATS_URL, NATS_USER, NATS_PASSWORD,
NATS_CREDENTIALS, NATS_NKEY_SEED, NATS_CA and NATS_STREAM from the environment; an option wins over its variable. With
a token on standard input (--token), that is verified; with --application, an application is asked with it; with
--sign-out, the session is ended there and the time until the application refuses the token is measured. Exit status
1: there is a fault."""
OPTIONS: Final = {
    "issuer": "AUTH_ISSUER",
    "audience": "AUTH_AUDIENCE",
    "jwks-url": "AUTH_JWKS_URL",
    "algorithms": "AUTH_ALGORITHMS",
    "feed": "REVOCATION_FEED",
    "feed-url": "REVOCATION_FEED_URL",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No secret is an option: others can read a command line."""
    parser.description = DESCRIPTION
    for option, variable in OPTIONS.items():
        parser.add_argument(f"--{option}", dest=variable, metavar="VALUE", help=f"instead of {variable}")
    parser.add_argument("--schema", default="auth", help="of the revocation feed in Postgres (auth)")
    parser.add_argument("--token", action="store_true", help="verify the access token on standard input")
    parser.add_argument("--application", metavar="URL", help="a protected address that the token is good for")
    parser.add_argument("--sign-out", metavar="URL", help="where POST with the token as Bearer ends its session")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> int:
    """The exit status."""
    given = {name: value for name in OPTIONS.values() if (value := getattr(arguments, name))}
    values = {**environment, **given}
    token = sys.stdin.readline().strip() if arguments.token else ""
    findings = asyncio.run(examine(values, arguments, token))
    print(report(findings, as_json=arguments.json, secrets={*secrets_in(values), token}))
    return exit_status(findings)


async def examine(values: Mapping[str, str], arguments: argparse.Namespace, token: str) -> list[Finding]:
    examined = examine_settings(values)
    findings = list(examined.findings)
    if examined.settings is None:
        return findings
    async with new_client(timeout=10) as client:
        keys, _ = await examine_key_set(examined.settings, client)
        findings += keys
        findings += await feed(values, arguments.schema, client)
        if token:
            findings += await try_token(examined.settings, client, token, arguments)
    return findings


async def feed(values: Mapping[str, str], schema: str, client: httpx.AsyncClient) -> list[Finding]:
    kind = values.get("REVOCATION_FEED") or ("postgres" if values.get("DATABASE_URL") else "")
    if kind == "http":
        url, credential = values.get("REVOCATION_FEED_URL"), values.get("REVOCATION_FEED_TOKEN")
        return await http_feed.examine_http_feed(url, credential, client)
    if kind == "nats":
        try:
            from resource_server.doctor.nats_feed import examine_nats_feed  # noqa: PLC0415  needs the extra `nats`
        except ModuleNotFoundError:
            problem, remedy = "REVOCATION_FEED is nats, but nats-py is not installed", "install the extra `nats`"
            return [fault("Settings", "extra_missing", problem, remedy)]
        return (await examine_nats_feed(values)).findings
    if kind != "postgres":
        return []
    if not values.get("DATABASE_URL"):
        return [
            fault("Database", "setting_missing", "DATABASE_URL is not set", "set it to the API's own role's address")
        ]
    from resource_server.doctor.database import examine_feed  # noqa: PLC0415  needs the extra `postgres`

    direct = values.get("DATABASE_URL_UNPOOLED") or None
    found = await asyncio.to_thread(examine_feed, values["DATABASE_URL"], schema=schema, listening=direct)
    return found.findings


async def try_token(
    settings: ResourceServerSettings, client: httpx.AsyncClient, token: str, arguments: argparse.Namespace
) -> list[Finding]:
    verified = await trial.verify(settings, client, token)
    if not arguments.application:
        return [verified]
    application = arguments.application
    if not arguments.sign_out:
        answer = await client.get(application, headers={"Authorization": f"Bearer {token}"})
        accepted = Finding(f"{trial.SUBJECT}: {application} accepts it")
        return [verified, accepted if answer.is_success else trial.not_accepted(application, answer)]

    async def sign_out() -> None:
        await client.post(arguments.sign_out, headers={"Authorization": f"Bearer {token}"})

    return [verified, *await trial.accepted_and_refused(client, application, token, sign_out)]
