"""How tests start processes: on ports of their own, and without waiting for one that has ended."""

import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from scripts import ports
from scripts.database import DatabaseUrls
from scripts.paths import ROOT
from scripts.stack.isolated import RunningStack
from scripts.stack.processes import Ports, Process, answers


def test_a_port_lies_outside_those_of_outgoing_connections_and_is_given_once() -> None:
    port, other = ports.free_port(), ports.free_port()
    lowest, highest = ports.ephemeral()
    assert port != other
    assert not lowest <= port <= highest
    asked = [sys.executable, "-c", f"from scripts.ports import keep; print(keep({port}))"]
    assert subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout == "False\n"


def test_there_is_a_port_though_outgoing_connections_use_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "ephemeral", lambda: (1_024, 65_535))
    assert ports.free_port() > 1_024


def test_a_port_where_somebody_listens_is_not_free() -> None:
    port = ports.free_port()
    assert ports.is_unused(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not ports.is_unused(port)


def test_a_process_that_ends_before_it_is_ready_is_not_waited_for(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('the address is in use')"]
    service = Process("api", command, tmp_path, "", {})
    stack = RunningStack([service], Ports(), DatabaseUrls("", ""), tmp_path)
    stack.launch("api")
    with pytest.raises(RuntimeError, match=r"api ended with status 1:\nthe address is in use"):
        stack.wait_ready("api", f"http://127.0.0.1:{ports.free_port()}")


def test_a_service_on_this_machine_is_asked_without_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)

    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert answers(f"http://127.0.0.1:{server.server_port}/healthz")
        thread.join()
