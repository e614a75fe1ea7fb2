"""Makes each application's `.env` from its `env.example`, with fresh secrets; one that is there is never touched.

None is made with NODE_ENV=production, nor for `make doctor WEB_ENV=…`: what runs is then configured elsewhere, and
these files would fill in what that leaves out.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from scripts.paths import API, FRONTEND, ROOT

SECRETS = ("BETTER_AUTH_SECRET=", "MANAGEMENT_TOKEN=")


def create_env_file(folder: Path) -> bool:
    """Creates `folder`/.env unless it exists; tells whether it did. Readable by its owner alone."""
    target = folder / ".env"
    if target.exists():
        return False
    lines = [
        line + secrets.token_urlsafe(32) if line in SECRETS else line
        for line in (folder / "env.example").read_text().splitlines()
    ]
    target.touch(mode=0o600)
    target.write_text("\n".join(lines) + "\n")
    return True


def is_wanted(environment: Mapping[str, str]) -> bool:
    return environment.get("NODE_ENV") != "production" and not environment.get("WEB_ENV")


def main() -> None:
    for folder in (FRONTEND, API) if is_wanted(os.environ) else ():
        if create_env_file(folder):
            name = folder.relative_to(ROOT)
            print(f"Wrote {name}/.env from {name}/env.example")


if __name__ == "__main__":
    main()
