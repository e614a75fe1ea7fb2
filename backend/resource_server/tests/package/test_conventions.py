"""One way of naming constants, and no private name of another package."""

import ast
from collections.abc import Iterator
from pathlib import Path

import resource_server

SOURCES = sorted(Path(resource_server.__path__[0]).rglob("*.py"))


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_every_constant_is_declared_final() -> None:
    loose = [
        f"{path.name}: {name.id}"
        for path, tree in trees()
        if not {"testing", "doctor"} & set(path.parts)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for name in node.targets
        if isinstance(name, ast.Name) and name.id.isupper()
    ]
    assert loose == []


def test_no_private_name_of_another_package_is_used() -> None:
    private = [
        f"{path.name}: {module}.{name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        for module, name in imported(node)
        if module.partition(".")[0] != "resource_server"
        and any(part.startswith("_") for part in f"{module}.{name}".split("."))
    ]
    assert private == []


def imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.ImportFrom) and node.module != "__future__":
        yield from ((str(node.module), alias.name) for alias in node.names)
    elif isinstance(node, ast.Import):
        yield from ((alias.name, "") for alias in node.names)
