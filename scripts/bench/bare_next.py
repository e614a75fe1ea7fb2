"""An empty Next.js application of the same version, built here: what the framework alone answers."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scripts.paths import BIN, DATA, FRONTEND, NODE
from scripts.ports import free_port
from scripts.stack.isolated import SECRET
from scripts.stack.processes import answers

FOLDER = DATA / "bench" / "bare-next"
PATIENCE = 60.0
STOCK = """import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { jwt } from "better-auth/plugins";
import { Pool } from "pg";

async function migrated() {
  const options = {
    baseURL: process.env.STOCK_URL,
    secret: process.env.STOCK_SECRET,
    database: new Pool({ connectionString: process.env.STOCK_DATABASE_URL, max: 20 }),
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    plugins: [jwt()],
  };
  await (await getMigrations(options)).runMigrations();
  return betterAuth(options);
}

let auth;
const handle = async (request) => (await (auth ??= migrated())).handler(request);

export { handle as GET, handle as POST };
"""
"""Better Auth as its documentation sets it up, with the jwt plugin; made when it is first asked."""
FILES = {
    "app/api/auth/[...all]/route.js": STOCK,
    "package.json": '{ "name": "bare-next", "private": true, "type": "module" }\n',
    "next.config.mjs": ('export default { poweredByHeader: false, serverExternalPackages: ["better-auth", "pg"] };\n'),
    "app/layout.js": (
        'export default function Layout({ children }) {\n  return <html lang="en"><body>{children}</body></html>;\n}\n'
    ),
    "app/page.js": "export default function Page() {\n  return <main><h1>Hello</h1></main>;\n}\n",
    "app/dynamic/page.js": (
        'import { connection } from "next/server";\n\n'
        "export default async function Page() {\n  await connection();\n  return <main><h1>Hello</h1></main>;\n}\n"
    ),
    "app/handler/route.js": (
        'export const dynamic = "force-dynamic";\n\nexport const GET = () => Response.json({ status: "ok" });\n'
    ),
}


def build() -> None:
    """Raises subprocess.CalledProcessError when it fails."""
    for name, text in FILES.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    # Copied by hard links: the bundler follows no link out of the application's own folder.
    modules = FOLDER / "node_modules"
    if not modules.exists():
        shutil.copytree(FRONTEND / "node_modules", modules, copy_function=os.link, symlinks=True)
    run("build", check=True).wait()


def run(*arguments: str, check: bool = False, variables: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
    command = [str(NODE), "node_modules/next/dist/bin/next", *arguments]
    environment = {
        **os.environ,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "NEXT_TELEMETRY_DISABLED": "1",
        **(variables or {}),
    }
    environment.pop("NODE_ENV", None)
    log = (FOLDER / "log.txt").open("ab")
    # Next.js serves from a process of its own, which has to end too.
    process = subprocess.Popen(
        command, cwd=FOLDER, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    if check and process.wait():
        raise subprocess.CalledProcessError(process.returncode, command)
    return process


@contextmanager
def bare_next() -> Iterator[str]:
    """Its address, while it runs.

    Raises:
        RuntimeError: it does not come up.
    """
    with started_bare_next("") as (address, _):
        yield address


@contextmanager
def started_bare_next(
    stock_database: str,
) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """The same with its process. With the address of a database it answers `/api/auth/*` as stock Better Auth does."""
    build()
    port = free_port()
    address = f"http://localhost:{port}"
    variables = {
        "STOCK_URL": address,
        "STOCK_SECRET": SECRET,
        "STOCK_DATABASE_URL": stock_database,
    }
    process = run("start", "--hostname", "127.0.0.1", "--port", str(port), variables=variables)
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(f"{address}/handler"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the bare application is not ready: {Path(FOLDER, 'log.txt').read_text()[-2000:]}")
            time.sleep(0.1)
        yield address, process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
