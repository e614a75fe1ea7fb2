"""The service uses the library as any user would: by the names that its documentation gives."""

import ast
import re
from importlib import import_module

from scripts.paths import API, LIBRARY

MODULES = {f"resource_server{name}" for name in ("", ".doctor", ".fastapi", ".revocation")}
PAGES = [LIBRARY / "README.md", *sorted((LIBRARY / "docs").glob("*.md"))]
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
DOCUMENTED = {word for page in PAGES for code in CODE.findall(page.read_text()) for word in re.findall(r"\w+", code)}


def imported() -> set[tuple[str, str]]:
    """Each module of the library that the service imports from, with the name."""
    found = set()
    for path in (API / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert not [name.name for name in node.names if name.name.startswith("resource_server")], path
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("resource_server"):
                found |= {(str(node.module), name.name) for name in node.names}
    return found


def test_the_service_imports_public_names_only() -> None:
    assert {module for module, _ in imported()} <= MODULES
    assert [name for module, name in imported() if name not in import_module(module).__all__] == []


def test_the_documentation_names_all_that_the_service_imports() -> None:
    assert {name for _, name in imported()} - DOCUMENTED == set()
