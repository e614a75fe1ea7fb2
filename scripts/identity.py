"""Runs one of the identity provider's commands (frontend/scripts/*.ts) with the right Node and database."""

import os
import shlex
import subprocess
import sys

import psycopg

from scripts.database import running_database, why
from scripts.entry import enter
from scripts.paths import BIN, FRONTEND, NODE, RUN_SOURCE


def run_command(name: str, *arguments: str) -> int:
    """Its exit status. Whatever is missing is said in one line; the database is there for as long as it runs."""
    if not NODE.exists():
        return say("the project's Node.js is missing: run `make setup`")
    try:
        with running_database() as urls:
            with psycopg.connect(urls.owner_direct, connect_timeout=10) as connection:
                if connection.execute("SELECT to_regclass('auth.session')").fetchone() == (None,):
                    return say("the database has not been prepared: run `make migrate`")
            environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "DATABASE_URL": urls.owner_direct}
            node = [*RUN_SOURCE, f"scripts/{name}.ts", *arguments]
            return subprocess.run(node, cwd=FRONTEND, env=environment, check=False).returncode
    except psycopg.Error as error:
        return say(why(error))
    except KeyboardInterrupt:
        return 130


def say(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1


def main() -> int:
    """The command is named in `sys.argv`; the words of `make keys CMD="…"` come in KEYS_COMMAND."""
    name, *arguments = sys.argv[1:]
    if name == "keys" and not arguments:
        try:
            arguments = shlex.split(os.environ.get("KEYS_COMMAND", ""))
        except ValueError as error:
            return say(f"CMD can't be read: {error}")
    return run_command(name, *arguments)


if __name__ == "__main__":
    enter(main, orderly=True)
