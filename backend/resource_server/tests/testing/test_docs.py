"""The pages of the documentation: every code block runs as it is printed, and what a page names exists."""

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from resource_server import ResourceServerSettings

LIBRARY = Path(__file__).parents[2]
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted((LIBRARY / "docs").glob("*.md"))}
BLOCK = re.compile(r"```python\n# (\w+\.py)\n(.*?)```", re.DOTALL)
RUN_ALL = "import pathlib, runpy\nfor path in sorted(pathlib.Path().glob('[!t]*.py')): runpy.run_path(str(path))"


def test_every_code_block_names_its_file_but_for_the_grants_which_are_run_elsewhere() -> None:
    for page, text in PAGES.items():
        assert len(BLOCK.findall(text)) + (page == "revocation.md") == text.count("```") / 2, page


@pytest.mark.long
def test_every_code_block_runs_as_printed(tmp_path: Path) -> None:
    blocks = dict(block for text in PAGES.values() for block in BLOCK.findall(text))
    assert len(blocks) == sum(text.count("```python") for text in PAGES.values())
    for name, text in blocks.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert {name for name in blocks if name.startswith("t")} == {"test_time.py"}
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for command in (["-W", "error", "-c", RUN_ALL], ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."]):
        answer = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_setting_is_documented_and_no_other() -> None:
    table = PAGES["configuration.md"].split("| Setting |")[1].split("\n\n")[0]
    documented = {name for line in table.splitlines() for name in re.findall(r"^\| `(\w+)`", line)}
    assert documented == {field.name for field in fields(ResourceServerSettings) if field.init}


@pytest.mark.parametrize("page", ["README.md", *PAGES])
def test_every_link_to_a_file_exists(page: str) -> None:
    path = LIBRARY / page if page == "README.md" else LIBRARY / "docs" / page
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_every_test_that_the_security_page_names_exists() -> None:
    for name in re.findall(r"\| `([\w/.]+)` \|$", PAGES["security.md"], re.MULTILINE):
        assert (LIBRARY / "tests" / name).exists(), name
