"""Traces by OpenTelemetry (extra `tracing`). Off, and not imported, unless the environment names a destination.

The standard variables count: OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT turns it on,
OTEL_SERVICE_NAME and OTEL_TRACES_SAMPLER do what they say. They are the SDK's, which reads them by itself. Statements
are kept without their values, paths without what may be a one-time token, queries not at all.
"""

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
from starlette.middleware import Middleware

from notes_api.settings import STARTUP_FAILURE

if TYPE_CHECKING:
    from opentelemetry.instrumentation.httpx import RequestInfo
    from opentelemetry.trace import Span

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PATH_DEPTH = 3
QUIET = "healthz,readyz,metrics"
OF_AN_ADDRESS = ("http.target", "http.url", "url.full", "url.path", "url.query")
HIDDEN = ""


def is_on() -> bool:
    wanted = any(os.environ.get(name) for name in ENDPOINTS)
    return wanted and os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true"


def start() -> None:
    """Send this process's spans from now on. Ends the process, with one line, when the packages are not installed."""
    if not is_on():
        return
    try:
        from opentelemetry import trace  # noqa: PLC0415  an extra
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        print(f"configuration: {ENDPOINTS[0]} is set, but the extra `tracing` is not installed", file=sys.stderr)
        raise SystemExit(STARTUP_FAILURE) from None
    name = os.environ.get("OTEL_SERVICE_NAME") or "notes-api"
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def middleware() -> list[Middleware]:
    """A span for each request, under the one that its `traceparent` names (W3C Trace Context)."""
    if not is_on():
        return []
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware  # noqa: PLC0415  an extra

    options: dict[str, Any] = {
        "excluded_urls": QUIET,
        "default_span_details": lambda scope: (f"{scope.get('method', 'HTTP')} {short(scope['path'])}", {}),
        "server_request_hook": lambda span, scope: keep_short(span, scope["path"]),
        "exclude_spans": ["receive", "send"],
    }
    return [Middleware(OpenTelemetryMiddleware, **options)]


def traced_transport(transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
    """Adds the current span to each request."""
    if not is_on():
        return transport
    from opentelemetry.instrumentation.httpx import AsyncOpenTelemetryTransport  # noqa: PLC0415  an extra

    async def hide(span: "Span", request: "RequestInfo") -> None:
        keep_short(span, httpx.URL(str(request.url)).path)

    return AsyncOpenTelemetryTransport(transport, request_hook=hide)


def trace_queries(connection: psycopg.AsyncConnection[Any]) -> None:
    """A span for each statement on this connection."""
    if is_on():
        from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor  # noqa: PLC0415  an extra

        PsycopgInstrumentor.instrument_connection(connection)


def short(path: str) -> str:
    """Better Auth puts one-time tokens into deeper segments."""
    return "/".join(path.split("/", PATH_DEPTH + 1)[: PATH_DEPTH + 1])


def keep_short(span: "Span", path: str) -> None:
    attributes: Mapping[str, object] = getattr(span, "attributes", None) or {}
    for name in OF_AN_ADDRESS:
        if name in attributes:
            span.set_attribute(name, HIDDEN if name == "url.query" else short(path))
