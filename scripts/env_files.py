"""Makes each application's `.env` from its `env.example`, with fresh secrets; one that is there is never touched.

None is made with NODE_ENV=production, nor for `make doctor WEB_ENV=…`: what runs is then configured elsewhere, and
these files would fill in what that leaves out.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from dotenv import dotenv_values

from scripts.entry import enter
from scripts.paths import API, FRONTEND, ROOT

SECRETS = ("BETTER_AUTH_SECRET=", "MANAGEMENT_TOKEN=")


def create_env_file(folder: Path, agreed: Mapping[str, str | None]) -> bool:
    """Creates `folder`/.env unless it exists; tells whether it did. Whole or not there; readable by its owner alone.

    `agreed`: values of the other application's that this one has to know.
    """
    target = folder / ".env"
    if target.exists():
        return False
    lines = [
        line + (secrets.token_urlsafe(32) if line in SECRETS else agreed.get(line.removesuffix("=")) or "")
        for line in (folder / "env.example").read_text().splitlines()
    ]
    with NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=".env.", suffix=".local", delete=False) as file:
        try:
            file.write("\n".join(lines) + "\n")
            file.flush()
            Path(file.name).replace(target)
        except OSError:
            Path(file.name).unlink()
            raise
    return True


def is_wanted(environment: Mapping[str, str]) -> bool:
    return environment.get("NODE_ENV") != "production" and not environment.get("WEB_ENV")


def main() -> None:
    for folder in (API, FRONTEND) if is_wanted(os.environ) else ():
        agreed = {"API_MANAGEMENT_TOKEN": dotenv_values(API / ".env").get("MANAGEMENT_TOKEN")}
        if create_env_file(folder, agreed):
            name = folder.relative_to(ROOT)
            print(f"Wrote {name}/.env from {name}/env.example")


if __name__ == "__main__":
    enter(main)
