"""Runs one of the identity provider's commands (frontend/scripts/*.ts) with the right Node and database."""

import os
import subprocess
import sys

from scripts.database import running_database
from scripts.paths import BIN, FRONTEND, NODE


def main() -> int:
    command, *arguments = sys.argv[1:]
    with running_database() as urls:
        environment = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "DATABASE_URL": urls.owner_direct,
        }
        node = [str(NODE), "--env-file-if-exists=.env", f"scripts/{command}.ts", *arguments]
        return subprocess.run(node, cwd=FRONTEND, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
