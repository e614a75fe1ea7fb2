"""What the README and the examples say is what there is."""

import re
from pathlib import Path

import pytest

from notes_api.settings import Settings
from scripts.paths import API, FRONTEND, ROOT

README = (ROOT / "README.md").read_text()
VARIABLE = re.compile(r"^(?:# )?([A-Z][A-Z_]+)=", re.MULTILINE)


def examples(folder: str) -> set[str]:
    return set(VARIABLE.findall((ROOT / folder / "env.example").read_text()))


def documented(folder: str) -> set[str]:
    table = README.split(f"| `{folder}/.env` | |")[1].split("\n\n")[0]
    return set(re.findall(r"`([A-Z][A-Z_]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if line)))


@pytest.mark.parametrize("folder", ["frontend", "backend/api"])
def test_every_variable_is_in_the_example_and_in_the_readme(folder: str) -> None:
    assert documented(folder) == examples(folder)


def test_every_setting_of_the_api_is_in_its_example() -> None:
    settings = {name.upper() for name in Settings.model_fields}
    assert settings <= examples("backend/api")


def test_every_setting_of_the_frontend_is_in_its_example() -> None:
    names = re.findall(r"^    ([A-Z][A-Z_]+):", (FRONTEND / "src/server/env.ts").read_text(), re.MULTILINE)
    assert set(names) - {"NODE_ENV"} == examples("frontend")


@pytest.mark.parametrize("folder", [FRONTEND, API])
def test_no_example_holds_a_secret(folder: object) -> None:
    text = (ROOT / str(folder) / "env.example").read_text()
    for name in ("BETTER_AUTH_SECRET", "REVOCATION_FEED_TOKEN", "DATABASE_URL"):
        assert not re.search(rf"^{name}=\S", text, re.MULTILINE)


@pytest.mark.parametrize("example", sorted((ROOT / "deploy").glob("*.env.example")), ids=lambda file: file.name)
def test_an_example_that_a_shell_reads_quotes_what_a_shell_would_split(example: Path) -> None:
    assert re.findall(r"^\w+=[^\"'\n]*[&;|<> ].*$", example.read_text(), re.MULTILINE) == []


def test_every_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make\s([a-z-]+)", README)) <= targets


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = re.findall(r"`((?:backend|frontend)/[^`]+)`", (ROOT / "SECURITY.md").read_text())
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_test_that_the_table_of_faults_names_exists() -> None:
    named = re.findall(r"`(test_\w+)`", (ROOT / "docs" / "faults.md").read_text())
    defined = {
        name
        for file in (ROOT / "backend").rglob("tests/**/test_*.py")
        for name in re.findall(r"def (test_\w+)\(", file.read_text())
    }
    assert named
    assert [name for name in named if name not in defined] == []


def test_every_file_that_the_guides_link_to_exists() -> None:
    for guide in (ROOT / "docs").glob("*.md"):
        links = re.findall(r"\]\((?!https?:)([^)#]+)", guide.read_text())
        assert [link for link in links if not (guide.parent / link).exists()] == [], guide.name
