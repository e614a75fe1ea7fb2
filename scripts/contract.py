"""Regenerates everything that is derived from `shared-schema/`, or (`--check`) fails when any of it has drifted.

Sources: the four JSON files of `shared-schema/` and the FastAPI application. Derived:
`backend/api/src/notes_api/generated/`, `shared-schema/openapi.json` and `frontend/src/contract/`. The typed client
`api.ts` needs `frontend/node_modules`.
"""

from __future__ import annotations

import argparse
import difflib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scripts import contract_python, contract_typescript
from scripts.entry import enter
from scripts.paths import API, FRONTEND, NODE, ROOT

SCHEMA = ROOT / "shared-schema"
GENERATOR = FRONTEND / "node_modules" / "openapi-typescript" / "bin" / "cli.js"


def read(name: str) -> Mapping[str, Any]:
    document: dict[str, Any] = json.loads((SCHEMA / f"{name}.json").read_text(encoding="utf-8"))
    return document


def openapi() -> str:
    """The API's OpenAPI document, the same whatever the environment says."""
    # Imported only now: they read the files that are written first.
    from notes_api.application import create_app  # noqa: PLC0415
    from notes_api.settings import Settings  # noqa: PLC0415

    settings = Settings(
        _env_file=None,
        database_url="postgresql://api@localhost/app",
        auth_issuer="http://localhost:3000",
        auth_audience="http://localhost:8000",
        auth_jwks_url="http://localhost:3000/api/auth/jwks",
    )
    return json.dumps(create_app(settings).openapi(), indent=2, ensure_ascii=False) + "\n"


def client(document: str) -> str:
    """The TypeScript types of an OpenAPI document."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "openapi.json"), Path(folder, "api.ts")
        source.write_text(document, encoding="utf-8")
        subprocess.run([NODE, GENERATOR, source, "--output", target], check=True, capture_output=True)
        return target.read_text(encoding="utf-8")


def outputs() -> Iterator[tuple[Path, str]]:
    errors, permissions = read("errors"), read("permissions")
    python = API / "src" / "notes_api" / "generated"
    yield python / "__init__.py", contract_python.package()
    yield python / "errors.py", contract_python.errors(errors)
    yield python / "permissions.py", contract_python.permissions(permissions)
    typescript = FRONTEND / "src" / "contract"
    yield typescript / "errors.ts", contract_typescript.errors(errors)
    yield typescript / "permissions.ts", contract_typescript.permissions(permissions)
    yield typescript / "password-policy.ts", contract_typescript.password_policy(read("password-policy"))
    yield typescript / "claims.ts", contract_typescript.claims(read("claims.schema"))
    document = openapi()
    yield SCHEMA / "openapi.json", document
    if GENERATOR.exists():
        yield typescript / "api.ts", client(document)
    else:
        print("contract: frontend/node_modules is not there, api.ts was left alone; run 'make setup'", file=sys.stderr)


def difference(path: Path, expected: str) -> str:
    actual = path.read_text(encoding="utf-8") if path.exists() else ""
    name = str(path.relative_to(ROOT))
    lines = difflib.unified_diff(
        actual.splitlines(), expected.splitlines(), name, f"{name} (regenerated)", "", "", 1, ""
    )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail with a summary when something drifted"
    )
    check: bool = parser.parse_args().check
    drifted = 0
    for path, expected in outputs():
        drift = difference(path, expected)
        if not drift and path.exists():
            continue
        drifted += 1
        if check:
            print("\n".join(drift.splitlines()[:20]), file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(expected, encoding="utf-8")
            print(f"contract: wrote {path.relative_to(ROOT)}")
    if check and drifted:
        print(f"contract: {drifted} generated file(s) drifted from shared-schema; run 'make contract'", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    enter(main)
