"""What the service needs to answer requests, and what is missing."""

import psycopg
from starlette.datastructures import State

from notes_api.database import Database
from notes_api.names import NAMES
from resource_server import check_readiness

OK = "ok"


async def check(state: State) -> dict[str, str]:
    """For each dependency `ok`, or what is not ready and why, without an address or a secret.

    The identity provider is not among them: tokens are verified without it as long as its keys are held.
    """
    return {**check_readiness(state.resource_server, NAMES), "database": await database(state.database)}


async def database(database: Database) -> str:
    try:
        await database.probe()
    except (TimeoutError, psycopg.Error, OSError) as error:
        return f"does not answer: {type(error).__name__}"
    return OK
