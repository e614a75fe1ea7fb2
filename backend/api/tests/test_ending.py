"""SIGTERM and a closed terminal end what `make` runs as Ctrl-C does: all of it, and its database."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import psutil
import pytest
from honcho.printer import Message

from scripts.paths import ROOT
from scripts.stack import __main__ as stack
from scripts.stack.processes import Ports
from scripts.stack.state import process, recorded, running

TERMINAL = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
"""These tests themselves may have been started by nohup."""
ORDERLY = """
import sys, time
from scripts.entry import enter

def main():
    try:
        print("started", flush=True)
        time.sleep(60)
    finally:
        time.sleep(0.2)
        print("stopped", flush=True)

enter(main, orderly=True)
"""
STACK = """
import fcntl, sys, termios
from datetime import UTC, datetime
from pathlib import Path
from scripts.entry import enter
from scripts.stack import __main__ as stack
from scripts.stack.processes import Ports, Process

fcntl.ioctl(0, termios.TIOCSCTTY, 0)
folder = Path(sys.argv[1])
stack.LOGS = folder

def main():
    command = ["sh", "-c", "echo $$ > $0; exec sleep 600"]
    services = [Process(name, [*command, str(folder / name)], folder, "", {}) for name in ("web", "api")]
    try:
        return stack.supervise("development", services, Ports())
    finally:
        (folder / "database").write_text("stopped")

enter(main, orderly=True)
"""


@pytest.mark.parametrize("signals", [(signal.SIGTERM,), (signal.SIGHUP, signal.SIGTERM), (signal.SIGHUP,) * 3])
def test_a_signal_ends_a_command_as_ctrl_c_does_and_more_of_them_change_nothing(
    signals: tuple[signal.Signals, ...],
) -> None:
    command = [sys.executable, "-c", TERMINAL + ORDERLY]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "started\n"
        for number in signals:
            running.send_signal(number)
            time.sleep(0.05)
        assert running.communicate(timeout=20) == ("stopped\n", "")
    assert running.returncode == 130


def test_sigterm_ends_a_job_in_the_background_where_a_shell_has_sigint_ignored() -> None:
    command = [sys.executable, "-c", "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)" + ORDERLY]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "started\n"
        running.terminate()
        assert running.communicate(timeout=20)[0] == "stopped\n"
    assert running.returncode == 130


def test_what_nohup_started_outlives_its_terminal() -> None:
    ignoring = "import signal\nsignal.signal(1, signal.SIG_IGN)" + ORDERLY.replace("sleep(60)", "sleep(0.2)")
    command = [sys.executable, "-c", ignoring]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.send_signal(signal.SIGHUP)
        assert running.wait(20) == 0


def test_a_closed_terminal_ends_every_service_and_then_the_database(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", TERMINAL + STACK, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as run:
        os.close(theirs)
        shown = b""
        while b"Ready in" not in shown:
            shown += os.read(ours, 4096)
        services = [psutil.Process(wait_for_number(tmp_path / name)) for name in ("web", "api")]
        os.close(ours)
        try:
            run.wait(20)
        finally:
            run.kill()
    assert not any(service.is_running() for service in services)
    assert (tmp_path / "database").read_text() == "stopped"


def wait_for_number(file: Path) -> int:
    while not (file.exists() and file.read_text().strip()):
        time.sleep(0.01)
    return int(file.read_text())


def test_a_port_that_the_folder_s_own_stack_has_is_said_with_how_to_stop_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "running.json"
    monkeypatch.setattr(stack, "is_free", lambda _: False)
    monkeypatch.setattr(stack, "process", lambda: process(file))
    assert stack.run("development", Ports(), {}) == 1
    assert capsys.readouterr().out.startswith("Port 3000 is taken: stop what listens there, or choose another")
    with recorded({}, file):
        assert stack.run("development", Ports(), {}) == 1
    assert f"this folder's stack runs already: end it by Ctrl-C in its terminal, or by `kill {os.getpid()}`" in (
        capsys.readouterr().out
    )


def test_a_stack_whose_process_number_was_given_again_does_not_run(tmp_path: Path) -> None:
    file = tmp_path / "running.json"
    file.write_text(json.dumps({"process": os.getpid(), "variables": {"PORT": "1"}}))
    assert running(file) == {"PORT": "1"}
    os.utime(file, (1, 1))
    assert running(file) == {}
    assert process(file) is None


def test_output_that_nobody_can_read_any_more_ends_it_too_and_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def gone(_: str) -> int:
        raise OSError(5, "Input/output error")

    ended = Mock()
    monkeypatch.setattr(stack, "interrupt", ended)
    printer = stack.KeepingPrinter(tmp_path)
    printer.output = SimpleNamespace(write=gone, flush=lambda: None)
    for line in ("ready\n", "ended\n"):
        printer.write(Message("line", line, datetime.now(UTC), "web", None))
    printer.file("web").close()
    assert (tmp_path / "web.log").read_text() == "ready\nended\n"
    ended.assert_called_once_with()
