"""Brings the database up to date: roles, Better Auth's tables, the first signing key, the API's tables."""

import os
import subprocess
import sys
from collections.abc import Mapping

import psycopg

from scripts.database import DatabaseUrls, migration_lock, running_database, why
from scripts.entry import enter
from scripts.package import build_package
from scripts.paths import API, BIN, FRONTEND, RUN_SOURCE
from scripts.roles import api_role, grant, provision


def migrate(urls: DatabaseUrls, environment: Mapping[str, str] = os.environ) -> None:
    """Safe to run twice, and from two machines at once. Puts back whatever is missing, altered or granted too freely.

    Raises:
        subprocess.CalledProcessError: a migrator failed; it has said why.
        psycopg.Error: the database could not be reached or refused.
    """
    build_package()
    shared = {**environment, "PATH": f"{BIN}:{environment.get('PATH', '')}"}
    role = api_role(urls.api)
    with migration_lock(urls.owner_direct) as connection:
        separate = provision(connection, urls.api, made_here=urls.api_made_here)
        node = [*RUN_SOURCE, "scripts/migrate.ts", *([role] if separate else [])]
        subprocess.run(node, cwd=FRONTEND, env={**shared, "DATABASE_URL": urls.owner_direct}, check=True)
        alembic = [str(BIN / "alembic"), "upgrade", "head"]
        owner = {"DATABASE_URL_OWNER": urls.owner_direct, "API_DATABASE_ROLE": role}
        subprocess.run(alembic, cwd=API, env={**shared, **owner}, check=True)
        if separate:
            grant(connection, role)


def main() -> int:
    try:
        with running_database() as urls:
            migrate(urls)
    except subprocess.CalledProcessError as failure:
        return failure.returncode
    except psycopg.Error as failure:
        print(why(failure), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    enter(main, orderly=True)
