"""The library's own HTTP clients: by the proxies of the environment, but not to this machine."""

import httpx
import pytest

from resource_server.clients import new_client
from resource_server.server import ResourceServer
from resource_server.testing.issuer import FakeIssuer

NOBODY = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", NOBODY)


async def test_an_issuer_on_this_machine_is_asked_without_the_proxy(served_issuer: FakeIssuer) -> None:
    async with ResourceServer(served_issuer.settings) as server:
        assert (await server.authenticate(served_issuer.token())).issuer == served_issuer.settings.issuer


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_only_other_machines_are_asked_by_the_proxy(host: str) -> None:
    async with new_client() as client:
        direct, by_proxy = (
            client._transport_for_url(httpx.URL(f"http://{name}:8000/jwks")) for name in (host, "idp.example.com")
        )
        assert direct is client._transport
        assert by_proxy is not client._transport
