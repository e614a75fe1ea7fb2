"""Erases the notes of deleted users, whether the user, an administrator, the operator or plain SQL deleted them.

A trigger on the identity provider's table of users writes the id into `app.departed_owner`, in the transaction of the
deletion; the API processes erase the notes of these owners. A deletion therefore does not wait for the API, is not lost
while no API runs, and the API's role needs no further privilege on the identity provider's tables.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from notes_api.database import Database

logger = logging.getLogger(__name__)

KEPT = 3600
"""Seconds for which later notes are erased too: a request accepted just before the deletion may still write one."""
LOCK = 0x64657061727465
"""Key of the advisory lock, so that one process erases at a time."""
INTERVAL = 60.0
"""Seconds between two checks while no notification arrives."""
PAUSE = 1.0
"""Minimum seconds between two checks, however many notifications arrive."""

INSTALL = """
DO $install$ BEGIN
    -- Elsewhere than in the identity provider's database there are no users to follow.
    IF to_regclass('auth."user"') IS NULL THEN
        RETURN;
    END IF;
    CREATE OR REPLACE FUNCTION app.owner_departed() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            INSERT INTO app.departed_owner AS known (owner_id, departed_at)
                SELECT id, clock_timestamp() FROM gone
                ON CONFLICT (owner_id) DO UPDATE SET departed_at = excluded.departed_at;
        ELSE
            INSERT INTO app.departed_owner AS known (owner_id, departed_at)
                SELECT id, clock_timestamp() FROM auth."user"
                ON CONFLICT (owner_id) DO UPDATE SET departed_at = excluded.departed_at;
        END IF;
        RETURN NULL;
    END $$;
    REVOKE ALL ON FUNCTION app.owner_departed() FROM PUBLIC;
    CREATE OR REPLACE TRIGGER owner_departed AFTER DELETE ON auth."user"
        REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION app.owner_departed();
    CREATE OR REPLACE TRIGGER owners_departed BEFORE TRUNCATE ON auth."user"
        FOR EACH STATEMENT EXECUTE FUNCTION app.owner_departed();
END $install$
"""
"""Run at the end of every migration, by the owner of both schemas: puts back what is missing or altered."""

ERASE = text("""
WITH departed AS (SELECT owner_id, departed_at FROM app.departed_owner),
    erased AS (DELETE FROM app.note n USING departed d WHERE n.owner_id = d.owner_id RETURNING n.id),
    settled AS (
        DELETE FROM app.departed_owner o USING departed d
        WHERE o.owner_id = d.owner_id AND d.departed_at < now() - make_interval(secs => :kept)
    )
SELECT count(*) FROM erased
""")


async def erase_departed(database: Database) -> int:
    """Erases the notes of every departed owner; returns how many there were.

    Raises:
        DBAPIError, sqlalchemy.exc.TimeoutError: the database does not answer; nothing was erased.
    """
    async with database.writer.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        erased: int = (await connection.execute(ERASE, {"kept": KEPT})).scalar_one()
        return erased


@asynccontextmanager
async def following(
    database: Database, subscribe: Callable[[Callable[[], None]], object] | None = None
) -> AsyncIterator[None]:
    """Erases while the block runs: regularly, and at once when the revocations change.

    A deletion revokes the user's tokens in the same transaction, so that `subscribe`, of the feed, tells of it.
    """
    changed = asyncio.Event()
    if subscribe is not None:
        subscribe(changed.set)
    task = asyncio.create_task(_follow(database, changed), name="departures")
    try:
        yield
    finally:
        task.cancel()
        # It gives its connection back.
        await asyncio.wait([task])


async def _follow(database: Database, changed: asyncio.Event) -> None:
    failed = False
    while True:
        changed.clear()
        try:
            if erased := await erase_departed(database):
                logger.info("notes of deleted users erased: %d", erased, extra={"erased": erased})
            failed = False
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            if not failed:
                logger.warning("notes of deleted users not erased: %s", type(error).__name__)
            failed = True
        await asyncio.sleep(PAUSE)
        try:
            async with asyncio.timeout(INTERVAL):
                await changed.wait()
        except TimeoutError:
            continue
