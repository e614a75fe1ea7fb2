"""An empty Next.js application of the same version, built here: what the framework alone answers."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.paths import BIN, DATA, FRONTEND, NODE
from scripts.running import free_port
from scripts.stack import answers

FOLDER = DATA / "bench" / "bare-next"
PATIENCE = 60.0
FILES = {
    "package.json": '{ "name": "bare-next", "private": true, "type": "module" }\n',
    "next.config.mjs": "export default { poweredByHeader: false };\n",
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


def run(*arguments: str, check: bool = False) -> "subprocess.Popen[bytes]":
    command = [str(NODE), "node_modules/next/dist/bin/next", *arguments]
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "NEXT_TELEMETRY_DISABLED": "1"}
    environment.pop("NODE_ENV", None)
    log = (FOLDER / "log.txt").open("ab")
    process = subprocess.Popen(command, cwd=FOLDER, env=environment, stdout=log, stderr=subprocess.STDOUT)
    if check and process.wait():
        raise subprocess.CalledProcessError(process.returncode, command)
    return process


@contextmanager
def bare_next() -> Iterator[str]:
    """Its address, while it runs.

    Raises:
        RuntimeError: it does not come up.
    """
    build()
    port = free_port()
    address = f"http://localhost:{port}"
    process = run("start", "--hostname", "127.0.0.1", "--port", str(port))
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(f"{address}/handler"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the bare application is not ready: {Path(FOLDER, 'log.txt').read_text()[-2000:]}")
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()
