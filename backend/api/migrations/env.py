"""Alembic's environment: migrates schema `app`, as the database's owner, one run at a time.

The address comes from DATABASE_URL_OWNER, or from a caller's `config.attributes["address"]`.
"""

import os
from logging.config import fileConfig

import psycopg
from alembic import context
from sqlalchemy import create_engine, pool, text

from notes_api.notes.departures import INSTALL
from notes_api.notes.models import Note

LOCK = 0x6E6F746573
"""Advisory lock: a second run, on any machine, waits for the first."""


def address() -> str:
    found = context.config.attributes.get("address") or os.environ.get("DATABASE_URL_OWNER")
    if not found:
        raise SystemExit("migrations: DATABASE_URL_OWNER is missing. Set it to the address of the database's owner.")
    return str(found)


def run() -> None:
    dsn = address()
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(dsn, prepare_threshold=None, connect_timeout=15, application_name="migrations"),
        poolclass=pool.NullPool,
    )
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Note.metadata,
            version_table_schema="app",
            include_schemas=True,
            include_name=lambda name, kind, _parents: kind != "schema" or name == "app",
        )
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS app"))
            context.run_migrations()
            if connection.scalar(text("SELECT to_regclass('app.departed_owner')")) is not None:
                connection.execute(text(INSTALL))


if context.config.config_file_name and context.config.attributes.get("configure_logging", True):
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)
if context.is_offline_mode():
    raise SystemExit("migrations: run against a database; offline SQL is not supported.")
run()
