"""The README's examples, run as they are printed."""

import asyncio
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from resource_server.testing.application import running
from resource_server.testing.issuer import FakeIssuer

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
FILES = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", README, re.DOTALL)


def test_every_example_names_its_file() -> None:
    assert [name for name, _ in FILES] == ["application.py", "streaming.py", "health.py", "test_application.py"]
    assert len(FILES) == README.count("```python")


@pytest.mark.parametrize(
    "options",
    [["-o", "asyncio_default_fixture_loop_scope=function"], pytest.param(["-p", "no:asyncio"], marks=pytest.mark.long)],
    ids=["with pytest-asyncio", "with anyio alone"],
)
def test_the_examples_run_as_printed(options: list[str], tmp_path: Path) -> None:
    for name, text in FILES:
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *options]
    answer = subprocess.run(
        [*command, "--rootdir", str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout
    assert "1 passed" in answer.stdout


@pytest.mark.parametrize(("audience", "status"), [("https://api.example.com", 200), ("another", 503)])
async def test_the_health_check_is_ready_only_for_the_audience_of_the_tokens(
    tmp_path: Path, audience: str, status: int
) -> None:
    health = example("health.py", tmp_path)
    issuer = FakeIssuer()
    issuer.headers = {"Token-Audience": audience}
    with issuer.impersonate(health.auth):
        async with running(health.app) as client, asyncio.timeout(20):
            answer = await client.get("/readyz")
            while answer.json()["checks"]["keys"] != "ok":
                await asyncio.sleep(0.001)
                answer = await client.get("/readyz")
    assert answer.status_code == status
    assert [name for name, outcome in answer.json()["checks"].items() if outcome != "ok"] == ["tokens"] * (
        status == 503
    )


def example(name: str, folder: Path) -> ModuleType:
    path = folder / name
    path.write_text(dict(FILES)[name], encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_a_connection_is_closed_when_its_token_is_revoked_by_a_list_of_three_methods(tmp_path: Path) -> None:
    streaming = example("streaming.py", tmp_path)
    issuer = FakeIssuer()
    to, out = asyncio.Queue[dict[str, Any]](), asyncio.Queue[dict[str, Any]]()
    with issuer.impersonate(streaming.auth, streaming.revocations):
        token = issuer.token(scopes=["notes:read"], jti="stolen")
        async with streaming.app.router.lifespan_context(streaming.app) as state, asyncio.timeout(20):
            scope = {
                "type": "websocket",
                "path": "/echo",
                "query_string": b"",
                "headers": [(b"authorization", f"Bearer {token}".encode())],
                "subprotocols": [],
                "state": state,
            }
            connection = asyncio.create_task(streaming.app(scope, to.get, out.put))
            await to.put({"type": "websocket.connect"})
            await to.put({"type": "websocket.receive", "text": "here"})
            assert (await out.get())["type"] == "websocket.accept"
            assert (await out.get())["text"] == "here"
            streaming.revocations.token_ids.add("stolen")
            closed = await out.get()
            assert (closed["type"], closed["code"], closed["reason"]) == (
                "websocket.close",
                1008,
                "Access token revoked",
            )
            await to.put({"type": "websocket.disconnect", "code": 1008})
            await connection
