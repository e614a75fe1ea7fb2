"""A Chromium for the tests: the system's, or one that is installed now."""

import os
import shutil
import subprocess

from scripts.paths import BIN, FRONTEND, NODE

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The shell comes first: without the browser's own windows, the suite takes half the time."""
INSTALL_PATIENCE = 600


class NoBrowser(RuntimeError):
    """There is no Chromium, and none could be installed."""


def system_chromium() -> str | None:
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, NAMES)), None)


def require_chromium() -> str | None:
    """The path of the system's Chromium, or nothing when Playwright's own is there to be used.

    Raises:
        NoBrowser: neither can be had; the message says what to do.
    """
    if found := system_chromium():
        return found
    for install in (install_with_apt, install_with_playwright):
        if install():
            return system_chromium()
    raise NoBrowser("No Chromium: install one (Debian: `apt-get install chromium`), or name it with CHROMIUM_PATH.")


def install_with_apt() -> bool:
    """Debian's package, where we may install one."""
    return any(apt_install(package) and system_chromium() for package in ("chromium-headless-shell", "chromium"))


def apt_install(package: str) -> bool:
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"Installing {package} …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package])
    return all(quietly(command, environment) for command in commands)


def install_with_playwright() -> bool:
    print("Installing Playwright's Chromium …", flush=True)
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    return quietly([str(NODE), str(FRONTEND / "node_modules/playwright/cli.js"), "install", "chromium"], environment)


def quietly(command: list[str], environment: dict[str, str]) -> bool:
    try:
        result = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            timeout=INSTALL_PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0
