"""One trace from the request that reaches the identity provider to the API's query; nothing of it unless configured."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from scripts.stack.isolated import RunningStack, prepared_stack, short_lived_folder
from tests.system.eventually import eventually
from tests.system.people import PASSWORD, new_email


@dataclass(frozen=True)
class Span:
    service: str
    name: str
    trace: str
    id: str
    parent: str
    text: str


@dataclass
class Collector:
    """Takes OTLP over HTTP, as JSON and as protobuf."""

    address: str = ""
    spans: list[Span] = field(default_factory=list)

    def take(self, body: bytes, content_type: str) -> None:
        if "json" in content_type:
            for resource in json.loads(body)["resourceSpans"]:
                service = next(
                    pair["value"]["stringValue"]
                    for pair in resource["resource"]["attributes"]
                    if pair["key"] == "service.name"
                )
                for scope in resource["scopeSpans"]:
                    for span in scope["spans"]:
                        ids = span["traceId"], span["spanId"], span.get("parentSpanId", "")
                        self.spans.append(Span(service, span["name"], *ids, json.dumps(span)))
            return
        for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = next(pair.value.string_value for pair in sent.resource.attributes if pair.key == "service.name")
            for scoped in sent.scope_spans:
                for made in scoped.spans:
                    identifiers = made.trace_id.hex(), made.span_id.hex(), made.parent_span_id.hex()
                    self.spans.append(Span(service, made.name, *identifiers, str(made)))

    def of(self, trace: str) -> list[Span]:
        return [span for span in self.spans if span.trace == trace]


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.body(), self.headers["content-type"])
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def body(self) -> bytes:
            if "content-length" in self.headers:
                return self.rfile.read(int(self.headers["content-length"]))
            received = bytearray()
            while size := int(self.rfile.readline(), 16):
                received += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return bytes(received)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        collector.address = f"http://127.0.0.1:{server.server_port}"
        yield collector
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def traced(stack: RunningStack, collector: Collector) -> Iterator[RunningStack]:
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.address, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    with short_lived_folder() as folder, prepared_stack(folder, stack.urls, variables, workers=1) as second:
        second.start("web", "api")
        yield second


TRACE = "0af7651916cd43dd8448eb211c80319c"
SECRET_QUERY = "a-one-time-token-that-nobody-may-keep"


@pytest.mark.long
def test_one_trace_leads_from_the_browser_s_request_to_the_query(traced: RunningStack, collector: Collector) -> None:
    with httpx.Client(base_url=traced.web, headers={"Origin": traced.web}, timeout=15) as browser:
        form = {"name": "Ada", "email": new_email(), "password": PASSWORD}
        assert browser.post("/api/session/sign-up", json=form).is_success
        given = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        assert browser.get(f"/api/backend/notes?cursor=&q={SECRET_QUERY}", headers=given).status_code < 500
        assert browser.get("/api/backend/notes", headers=given).status_code == httpx.codes.OK
    eventually(
        lambda: any(span.service == "notes-api" and "FROM app.note" in span.text for span in collector.of(TRACE))
    )
    eventually(
        lambda: any(span.service == "notes-web" and span.parent == "b7ad6b7169203331" for span in collector.of(TRACE))
    )
    spans = {span.id: span for span in collector.of(TRACE)}
    query = next(span for span in spans.values() if span.service == "notes-api" and "FROM app.note" in span.text)
    way = [query]
    while way[-1].parent in spans:
        way.append(spans[way[-1].parent])
    assert [span.service for span in way][-2:] == ["notes-web", "notes-web"], [span.name for span in way]
    assert any(span.service == "notes-api" and span.name == "GET /api/notes" for span in way)
    assert way[-1].parent == "b7ad6b7169203331", "the browser's own span"


@pytest.mark.long
def test_the_relay_s_trace_goes_the_other_way(traced: RunningStack, collector: Collector) -> None:
    trace = TRACE[::-1]
    form = {"name": "Ada", "email": new_email(), "password": PASSWORD}
    given = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    address = f"{traced.api}/api/auth/sign-up?token={SECRET_QUERY}"
    assert httpx.post(address, json=form, headers=given, timeout=15).is_success
    eventually(lambda: {span.service for span in collector.of(trace)} == {"notes-api", "notes-web"})
    eventually(lambda: any("INSERT" in span.name.upper() for span in collector.of(trace)))


@pytest.mark.long
def test_no_span_holds_a_secret(traced: RunningStack, collector: Collector) -> None:
    assert traced
    everything = "\n".join(span.text for span in collector.spans)
    assert everything
    for secret in (PASSWORD, SECRET_QUERY, "eyJ", "$argon2"):
        assert secret not in everything


@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:9"])
def test_nothing_of_it_is_loaded_unless_it_is_configured(stack: RunningStack, endpoint: str) -> None:
    environment = {**stack.services["api"].environment, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
    program = "import notes_api.main, sys; print(any(name.startswith('opentelemetry.sdk') for name in sys.modules))"
    folder: Path = stack.services["api"].folder
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == str(bool(endpoint))
