"""The README's examples, executed as they are."""

import importlib
import re
from pathlib import Path

import pytest

from resource_server.server import ResourceServer
from resource_server.testing.application import running
from resource_server.testing.attacks import ATTACKS
from resource_server.testing.issuer import FakeIssuer

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
APPLICATION, TEST = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


async def test_the_examples_of_the_readme_work_together(
    fake_issuer: FakeIssuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "readme_example.py").write_text(APPLICATION + TEST, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    example = importlib.import_module("readme_example")
    assert example.settings == fake_issuer.settings
    monkeypatch.setattr(
        example, "ResourceServer", lambda settings: ResourceServer(settings, client=fake_issuer.client())
    )
    monkeypatch.setattr(example, "running", running, raising=False)
    monkeypatch.setattr(example, "ATTACKS", ATTACKS, raising=False)
    await example.test_notes_are_protected(example.app, fake_issuer)
