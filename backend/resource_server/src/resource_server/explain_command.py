"""``python -m resource_server explain``: what a configuration answers to a token, and why.

    python -m resource_server explain application:auth < token
    python -m resource_server explain --issuer https://app.example.com --audience https://api.example.com < token

The token comes on standard input, and is never printed. What is named is an ``Auth``, ``ResourceServerSettings``, a
``ResourceServer`` or an ASGI application, which is started as a server would; ``()`` at the end calls it first.
Status: 0 when the token is accepted, 1 when it is refused, 2 when the configuration is not usable, 3 when that is not
known at the moment (503).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from getpass import getpass
from inspect import getmembers, isfunction
from typing import TYPE_CHECKING, Any, Final

from resource_server import issuers
from resource_server.explaining import Explanation, explain
from resource_server.settings import ResourceServerSettings
from resource_server.target import NoResourceServer, load, running
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.tokens import claimed_issuer

if TYPE_CHECKING:
    from resource_server.several import AnyResourceServer

_PROVIDERS: Final = {name: call for name, call in getmembers(issuers, isfunction) if not name.startswith("_")}
_MOST_OCTETS: Final = 1_000_000
HELP: Final = "say what the answer to a token is, and why"
LET_IN, REFUSED, UNUSABLE, UNKNOWN = range(4)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line may say."""
    command.description = "The token comes on standard input."
    add = command.add_argument
    add("target", nargs="?", metavar="module:name", help="an Auth, settings, a ResourceServer or an application")
    add("--issuer", help="in place of a target: whose tokens (for entra_id: the tenant's id)")
    add("--audience", help="for whom")
    add("--provider", choices=sorted(_PROVIDERS), help="settings of resource_server.issuers; without: RFC 9068")
    add("--jwks-url", help="where the keys are; without: by the issuer's metadata, or as the provider has them")
    add("--algorithm", action="append", dest="algorithms", metavar="ALG", help="accepted in alg; may be repeated")
    add("--scope", action="append", default=[], help="a scope that the route asks for; may be repeated")
    add("--role", action="append", default=[], help="a role that the route asks for; may be repeated")
    command.set_defaults(refuse=command.error)


def settings(found: argparse.Namespace) -> ResourceServerSettings:
    """The settings that the arguments describe. Raises ValueError."""
    others: dict[str, Any] = {"jwks_url": found.jwks_url, "algorithms": found.algorithms}
    others = {name: value for name, value in others.items() if value is not None}
    if found.provider is None:
        return ResourceServerSettings(issuer=found.issuer, audience=found.audience, **others)
    built = _PROVIDERS[found.provider](found.issuer, found.audience, **others)
    if not isinstance(built, ResourceServerSettings):
        raise NoResourceServer(f"{found.provider} is not a known provider")
    return built


def read_token() -> str:
    """The token; typed ones are not echoed. A leading ``Bearer`` is left out."""
    if sys.stdin.isatty():
        text = getpass("Access token (not shown): ")
    else:
        text = sys.stdin.buffer.read(_MOST_OCTETS).decode("latin-1")
    text = text.strip()
    return text[7:].strip() if text[:7].lower() == "bearer " else text


async def answer(found: argparse.Namespace, token: str) -> Explanation:
    """Start what is named, and ask it."""
    named = load(found.target) if found.target else settings(found)
    async with running(named) as servers:
        return await explain(_of_issuer(servers, token), token, scopes=found.scope, roles=found.role)


def _of_issuer(servers: list[AnyResourceServer], token: str) -> AnyResourceServer:
    """Of several, the one for the issuer that the token claims; else the first."""
    try:
        issuer = claimed_issuer(token, _MOST_OCTETS)
    except TokenInvalid:
        return servers[0]
    return next((server for server in servers if issuer in server.issuers), servers[0])


def run(found: argparse.Namespace) -> int:
    """The command; returns its status."""
    by_arguments = found.issuer is not None and found.audience is not None
    if (found.target is None) is not by_arguments:
        found.refuse("give either module:name, or --issuer and --audience")
    logging.getLogger("resource_server.advice").disabled = True  # its log would repeat what is printed
    try:
        explanation = asyncio.run(answer(found, read_token()))
    except ValueError as error:
        print(f"explain: {error}", file=sys.stderr)
        return UNUSABLE
    print(explanation.text)
    if explanation.answer is None:
        return LET_IN
    return UNKNOWN if explanation.answer.status == 503 else REFUSED
