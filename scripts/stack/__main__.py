"""`make dev` and `make start`: everything from the database up, until one Ctrl-C."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import honcho.process
import psycopg
from honcho.manager import Manager
from honcho.printer import Message, Printer

from scripts.build import build
from scripts.database import running_database, why
from scripts.entry import INTERRUPTED, enter, interrupt
from scripts.env_values import api_values, web_values
from scripts.migrate import migrate
from scripts.paths import DATA
from scripts.stack.processes import Mode, Ports, Process, answers, is_free, processes
from scripts.stack.state import process, recorded

LOGS = DATA / "logs"
PATIENCE = 120
WORKERS = 2


class KeepingPrinter(Printer):  # type: ignore[misc]
    """Prints each process's lines under its name, and keeps them in a file of its own.

    Where nobody can read them any more, it ends everything as Ctrl-C does.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(sys.stdout)
        self.folder = folder
        self.files: dict[str, TextIO] = {}
        self.unread = False

    def write(self, message: Message) -> None:
        if not self.unread:
            try:
                super().write(message)
            except OSError:
                # The terminal is gone, or the pipe; its signal may have gone to make alone.
                self.unread = True
                interrupt()
        if message.type == "line" and message.name:
            data = message.data
            text = data.decode(errors="replace") if isinstance(data, bytes) else data
            self.file(message.name).write(text)

    def file(self, name: str) -> TextIO:
        if name not in self.files:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.files[name] = (self.folder / f"{name}.log").open("w", buffering=1)
        return self.files[name]


class Service(honcho.process.Process):  # type: ignore[misc]
    """Goes on when its terminal is closed; the manager ends it."""

    def run(self, events: object = None, ignore_signals: bool = False) -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        super().run(events, ignore_signals)


class Supervisor(Manager):  # type: ignore[misc]
    """Runs services, and ends all of them when one ends or when told to."""

    def __init__(self, printer: Printer) -> None:
        super().__init__(printer)
        self._process_ctor = Service


def run(mode: Mode, ports: Ports, derived: Mapping[str, str]) -> int:
    """`derived`: variables that the ports in use make necessary."""
    for name, port in (("WEB_PORT", ports.web), ("API_PORT", ports.api)):
        if not is_free(port):
            print(f"Port {port} is taken{by_whom()}, or choose another with `make … {name}=…`.")
            return 1
    environment = {**os.environ, **derived}
    print("Starting the database …", flush=True)
    with running_database(environment) as urls:
        print("Migrating …", flush=True)
        migrate(urls, environment)
        if mode == "production":
            build()
        workers = number("WEB_CONCURRENCY", environment.get("WEB_CONCURRENCY")) or WORKERS
        services = processes(mode, ports, urls, environment, of_web=web_values(), workers=workers)
        with recorded({**derived, **of_the_broker(services), "NODE_ENV": mode}):
            status = supervise(mode, services, ports)
        return 0 if status == INTERRUPTED else status


def by_whom() -> str:
    """Who has the port, as far as is known, and what to do."""
    own = process()
    if own is None:
        return ": stop what listens there"
    return f", and this folder's stack runs already: end it by Ctrl-C in its terminal, or by `kill {own}`"


def of_the_broker(services: list[Process]) -> dict[str, str]:
    """Where the NATS server of this run is, for the doctor; nothing where there is none."""
    if not any(service.name == "nats" for service in services):
        return {}
    api = next(service.environment for service in services if service.name == "api")
    return {name: api[name] for name in ("NATS_URL", "NATS_USER")}


def supervise(mode: Mode, services: list[Process], ports: Ports) -> int:
    manager = Supervisor(KeepingPrinter(LOGS))
    for service in services:
        command = "exec " + shlex.join(service.command)
        manager.add_process(service.name, command, env=service.environment, cwd=str(service.folder))
    threading.Thread(target=announce, args=(mode, services, ports), daemon=True).start()
    manager.loop()
    return int(manager.returncode or 0)


def announce(mode: Mode, services: list[Process], ports: Ports) -> None:
    """Says when everything is ready; until then, every ten seconds, what is waited for."""
    started = time.monotonic()
    waiting, said = list(services), started
    while waiting and time.monotonic() - started < PATIENCE:
        waiting = [service for service in waiting if not answers(service.ready_url)]
        if waiting and time.monotonic() - said > 10:
            said = time.monotonic()
            print(f"Waiting for {' and '.join(service.name for service in waiting)} …", flush=True)
        time.sleep(0.2)
    if waiting:
        print(f"Not ready after {PATIENCE} s; the logs are in {LOGS.relative_to(DATA.parent)}/", flush=True)
        return
    print(f"\n  Ready in {time.monotonic() - started:.0f} s\n", flush=True)
    docs = "/docs" if mode == "development" else ""
    print(f"    Web   {ports.web_url}\n    API   {ports.api_url}{docs}\n\n  Ctrl-C stops everything.\n", flush=True)


class Mistake(ValueError):
    """A variable has an unusable value; the message names it."""


def number(name: str, value: str | None) -> int | None:
    """The number in a variable; None when it is not set. Raises Mistake."""
    if not value:
        return None
    if not value.isdecimal() or not 0 < int(value) < 65_536:
        raise Mistake(f"{name} is {value!r}: set it to a number from 1 to 65535, or leave it out.")
    return int(value)


def chosen_ports(web: str | None, api: str | None, port: str | None) -> Ports:
    """WEB_PORT and API_PORT, or PORT for the first. Raises Mistake."""
    ports = Ports(number("WEB_PORT", web) or number("PORT", port) or 3000, number("API_PORT", api) or 8000)
    if ports.web == ports.api:
        raise Mistake(f"WEB_PORT and API_PORT are both {ports.web}: choose another for one of them.")
    return ports


def assert_mode(mode: Mode, environment: Mapping[str, str]) -> None:
    """Raises Mistake: without `.env`, which `make` does not write in production, development can't start."""
    if mode == "development" and environment.get("NODE_ENV") == "production":
        raise Mistake("NODE_ENV is production: `unset NODE_ENV` for `make dev`, or run `make start`.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=["development", "production"])
    mode: Mode = parser.parse_args().mode
    web, api = os.environ.get("WEB_PORT"), os.environ.get("API_PORT")
    configured = {**api_values(), **web_values(), **os.environ}
    given = {name: value for name, value in configured.items() if value}
    try:
        assert_mode(mode, os.environ)
        ports = chosen_ports(web, api, given.get("PORT"))
        return run(mode, ports, ports.environment(given) if web or api else ports.moved(given))
    except subprocess.CalledProcessError as failure:
        return failure.returncode
    except psycopg.Error as failure:
        print(why(failure))
        return 1
    except Mistake as mistake:
        print(mistake)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    enter(main, orderly=True)
