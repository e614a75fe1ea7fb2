"""The README's examples, run as they are printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
FILES = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", README, re.DOTALL)


def test_every_example_names_its_file() -> None:
    assert [name for name, _ in FILES] == ["application.py", "test_application.py"]
    assert len(FILES) == README.count("```python")


@pytest.mark.parametrize(
    "options",
    [["-o", "asyncio_default_fixture_loop_scope=function"], ["-p", "no:asyncio"]],
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
