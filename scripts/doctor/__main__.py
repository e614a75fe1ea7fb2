"""`make doctor`: what does not fit together, and what to do about it. Exit status 1: there is a fault."""

import argparse
import asyncio
from pathlib import Path

import httpx
import psycopg

from notes_api.names import NAMES
from resource_server.clients import new_client
from resource_server.doctor.finding import Finding, Level, exit_status, fault, report
from resource_server.doctor.key_set import examine_key_set
from resource_server.doctor.settings import examine_settings
from scripts.database import configured_urls, running_database, why
from scripts.doctor import account, databases, identity_provider, installation, nats, seam, services
from scripts.doctor.in_use import InUse, addresses, in_use
from scripts.entry import enter
from scripts.paths import DATA
from scripts.stack.state import running


def main() -> int:
    parser = argparse.ArgumentParser(prog="make doctor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--web-env", type=Path, help="the identity provider's variables, if not frontend/.env")
    parser.add_argument("--api-env", type=Path, help="the API's variables, if not backend/api/.env")
    given = parser.parse_args()
    findings = [*installation.installed(), *installation.files(given.web_env, given.api_env)]
    secrets: set[str] = set()
    named = addresses(given.web_env, given.api_env)
    try:
        if configured_urls(named) is None and not (DATA / "postgres" / "PG_VERSION").exists():
            findings.append(fault("Database", "not_migrated", "there is none yet", "run `make dev` or `make migrate`"))
        else:
            with running_database(named) as urls:
                use = in_use(urls, running(), web_file=given.web_env, api_file=given.api_env)
                secrets = use.secrets()
                findings += asyncio.run(examine(use))
    except psycopg.Error as error:
        findings.append(fault("Database", "database", why(error), "correct that, and run the doctor again"))
    print(report(findings, as_json=given.json, secrets=secrets))
    return exit_status(findings)


async def examine(use: InUse) -> list[Finding]:
    """Settings, then databases, then what runs; a token last, where all that it needs is there."""
    unreadable = seam.unreadable(use)
    if unreadable:
        return [*unreadable, *databases.examine(use)]
    findings = [*seam.examine(use), *identity_provider.examine(use), *databases.examine(use), *await nats.examine(use)]
    settings = examine_settings(use.api).settings
    async with new_client(timeout=5) as client:
        if settings is not None:
            keys, _ = await examine_key_set(settings, client, NAMES)
            findings += [finding for finding in keys if finding.code == "ok" or not is_known(finding, findings)]
        live = await services.examine(use, client)
    findings += live
    if not any(finding.code in {"not_running", "port_taken"} for finding in live):
        try:
            findings += await account.examine(use)
        except (httpx.HTTPError, psycopg.Error) as error:
            problem = f"its examination failed: {type(error).__name__}"
            findings.append(fault(account.SUBJECT, "trial_failed", problem, "see the other findings"))
    return findings


def is_known(finding: Finding, findings: list[Finding]) -> bool:
    return any(other.code == finding.code and other.level is Level.FAULT for other in findings)


if __name__ == "__main__":
    enter(main, orderly=True)
