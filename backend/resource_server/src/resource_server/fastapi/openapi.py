"""Refusals and the security scheme in the OpenAPI document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from resource_server.fastapi.dependencies import Authentication, OptionalPrincipal, RequiredPrincipal

Document = dict[str, Any]

PROBLEM: Final[Document] = {
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457). `code` is stable.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
    },
}
_DESCRIPTIONS: Final = {
    "401": "No access token, or one that is invalid, expired or revoked.",
    "403": "The access token lacks a scope or a role that this request needs.",
    "503": "Access tokens can't be verified at the moment; `Retry-After` says when to try again.",
}


def with_refusals(
    extra: Document,
    declared: Sequence[tuple[RequiredPrincipal | OptionalPrincipal, Sequence[str]]],
    own: Mapping[Any, Any],
) -> Document:
    """An operation's ``openapi_extra`` with the security that is declared, and the refusals that are not ``own``."""
    security = [*extra.get("security", ())]
    for check, scopes in declared:
        requirements = [{check.scheme_name: list(scopes)}]
        if isinstance(check, OptionalPrincipal):
            requirements.append({})
        security += [requirement for requirement in requirements if requirement not in security]
    forbidden = any(scopes or check.roles for check, scopes in declared)
    codes = ["401", *(["403"] if forbidden else []), "503"]
    named = {str(code) for code in own}
    responses = {code: _refusal(code) for code in codes if code not in named} | extra.get("responses", {})
    return {**extra, "security": security, "responses": responses}


def complete_openapi(document: Document, authentication: Authentication) -> Document:
    """Add to an OpenAPI document, in place, the security scheme, the schema of a problem, and each refusal."""
    scheme = authentication.scheme_name
    components = document.setdefault("components", {})
    components.setdefault("securitySchemes", {}).setdefault(scheme, authentication.security_scheme)
    components.setdefault("schemas", {}).setdefault("Problem", PROBLEM)
    for operation in _operations(document):
        security = operation.get("security")
        if security is None or not any(scheme in requirement for requirement in security):
            continue
        operation["security"] = _merged(security)
        responses = operation.setdefault("responses", {})
        scoped = any(scopes for requirement in security for scopes in requirement.values())
        for code in ("401", *(("403",) if scoped else ()), "503"):
            responses.setdefault(code, _refusal(code))
    return document


def _refusal(code: str) -> Document:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": _DESCRIPTIONS[code], "content": content}


def _operations(document: Document) -> Iterator[Document]:
    for path in document.get("paths", {}).values():
        for operation in path.values():
            if isinstance(operation, dict):
                yield operation


def _merged(security: Sequence[Mapping[str, Sequence[str]]]) -> list[Document]:
    """One requirement for each scheme: a route and the router that includes it may both ask for scopes."""
    scopes: dict[str, list[str]] = {}
    alternatives = []
    for requirement in security:
        if len(requirement) != 1:
            alternatives.append(dict(requirement))
            continue
        for name, wanted in requirement.items():
            held = scopes.setdefault(name, [])
            held += [scope for scope in wanted if scope not in held]
    return [*({name: wanted} for name, wanted in scopes.items()), *alternatives]
