"""Builds the npm package that the frontend imports, unless what is there is of the same sources."""

import hashlib
import subprocess

from scripts.entry import enter
from scripts.paths import FRONTEND, NODE

PACKAGE = FRONTEND / "packages" / "better-auth-revocation"
STAMP = PACKAGE / "dist" / ".built"
SOURCES = ("src", "package.json", "tsconfig.json", "tsconfig.build.json")


def build_package() -> None:
    """Takes some seconds, when there is something to do.

    Raises:
        subprocess.CalledProcessError: the compiler has found an error, and has said which.
    """
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("Building the npm package …", flush=True)
    compiler = FRONTEND / "node_modules" / "typescript" / "bin" / "tsc"
    subprocess.run([str(NODE), str(compiler), "-p", "tsconfig.build.json"], cwd=PACKAGE, check=True)
    STAMP.write_text(wanted)


def fingerprint() -> str:
    digest = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes())
    for source in (PACKAGE / name for name in SOURCES):
        for file in sorted(source.rglob("*.ts")) if source.is_dir() else [source]:
            digest.update(str(file.relative_to(PACKAGE)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    enter(build_package)
