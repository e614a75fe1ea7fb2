"""The OpenAPI document: FastAPI's, with the descriptions of the scopes and the problem responses added."""

from collections.abc import Iterator
from typing import Any

from notes_api.generated.errors import ERRORS
from notes_api.generated.permissions import SCOPES
from notes_api.identity.documented import SCHEMAS, paths

Document = dict[str, Any]

PROBLEM = {
    "title": "Problem",
    "description": "A refusal (RFC 9457); `code` is stable, `errors` names the wrong fields.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": list(ERRORS)},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
    },
}


def problem(description: str) -> Document:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}


def complete(document: Document) -> Document:
    """Changes the document in place, and returns it."""
    schemas = document["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for scheme in document["components"]["securitySchemes"].values():
        scopes = "".join(f"\n- `{name}`: {meaning}" for name, meaning in SCOPES.items())
        scheme["description"] = f"An access token of the identity provider. Its scopes:\n{scopes}"
    for operation in operations(document):
        complete_operation(operation)
    (scheme,) = document["components"]["securitySchemes"]
    document["paths"] = {**paths(scheme), **document["paths"]}
    schemas.update(SCHEMAS)
    return document


def operations(document: Document) -> Iterator[Document]:
    for path in document["paths"].values():
        yield from path.values()


def complete_operation(operation: Document) -> None:
    responses = operation["responses"]
    if "422" in responses:
        responses["422"] = problem("`validation_failed`: `errors` names the fields.")
    if "security" not in operation:
        return
    responses["401"] = problem("No access token, or one that is invalid, expired or revoked.")
    responses["503"] = problem("The request can't be answered at the moment; `Retry-After` says when to try again.")
    scopes = [scope for requirement in operation["security"] for granted in requirement.values() for scope in granted]
    if scopes:
        named = ", ".join(f"`{scope}`" for scope in scopes)
        responses["403"] = problem(f"The access token lacks the scope {named}.")
        operation["description"] = f"{operation.get('description', '')}\n\nNeeds the scope {named}.".strip()
