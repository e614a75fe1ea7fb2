"""What the OpenAPI document says of the identity provider's endpoints that the relay passes on."""

from typing import Any

from notes_api.generated.errors import ERRORS, ErrorCode

Document = dict[str, Any]

TEXT: Document = {"type": "string"}
SCHEMAS: Document = {
    "SignIn": {
        "title": "SignIn",
        "type": "object",
        "required": ["email", "password"],
        "properties": {"email": {"type": "string", "format": "email"}, "password": TEXT},
    },
    "SignUp": {
        "title": "SignUp",
        "type": "object",
        "required": ["name", "email", "password"],
        "properties": {"name": TEXT, "email": {"type": "string", "format": "email"}, "password": TEXT},
    },
    "SignedIn": {
        "title": "SignedIn",
        "description": "Who it is, and the access token (RFC 6749, section 5.1): absent in the answer to a browser.",
        "type": "object",
        "required": ["user"],
        "properties": {
            "user": {
                "type": "object",
                "required": ["id", "email", "name"],
                "properties": {"id": TEXT, "email": TEXT, "name": TEXT},
            },
            "access_token": TEXT,
            "token_type": {"type": "string", "const": "Bearer"},
            "expires_in": {"type": "integer", "description": "Seconds."},
        },
    },
    "Renewed": {
        "title": "Renewed",
        "description": "The new access token (RFC 6749, section 5.1).",
        "type": "object",
        "required": ["access_token", "token_type", "expires_in"],
        "properties": {
            "access_token": TEXT,
            "token_type": {"type": "string", "const": "Bearer"},
            "expires_in": {"type": "integer", "description": "Seconds."},
        },
    },
    "SignedOut": {
        "title": "SignedOut",
        "type": "object",
        "required": ["success"],
        "properties": {"success": {"type": "boolean", "const": True}},
    },
}


def reference(schema: str) -> Document:
    return {"$ref": f"#/components/schemas/{schema}"}


def json_of(schema: str, description: str) -> Document:
    return {"description": description, "content": {"application/json": {"schema": reference(schema)}}}


def refusals(*codes: ErrorCode) -> Document:
    """The problem responses of these codes, by status."""
    by_status: dict[str, list[str]] = {}
    for code in codes:
        by_status.setdefault(str(ERRORS[code].status), []).append(f"`{code}`: {ERRORS[code].detail}")
    content = {"application/problem+json": {"schema": reference("Problem")}}
    return {status: {"description": "\n\n".join(lines), "content": content} for status, lines in by_status.items()}


def entrance(name: str, summary: str, schema: str, *codes: ErrorCode) -> Document:
    """How a client gets a token. A request with an Origin or a cookie is a browser's, and gets none."""
    return {
        "post": {
            "tags": ["identity"],
            "operationId": name,
            "summary": summary,
            "description": "A request with an `Origin` or a `Cookie` header is a browser's: it gets the session in "
            "HttpOnly cookies, and no token.",
            "requestBody": {"required": True, "content": {"application/json": {"schema": reference(schema)}}},
            "responses": {
                "200": json_of("SignedIn", "The token, valid for 30 days or until it is revoked."),
                **refusals(*codes, "malformed_json", "validation_failed", "origin_missing", "origin_not_allowed"),
                **refusals("rate_limited", "identity_provider_unavailable"),
            },
        }
    }


IDEMPOTENCY_KEY: Document = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text that identifies this request. The same key with the same body within 24 hours gets the "
    "first answer again, instead of a second account.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def sign_up() -> Document:
    document = entrance("sign_up", "Make an account", "SignUp", "password_policy", "email_taken", *REPEATED)
    document["post"]["parameters"] = [IDEMPOTENCY_KEY]
    return document


REPEATED: tuple[ErrorCode, ...] = ("idempotency_in_progress", "idempotency_key_reused")


def paths(scheme: str) -> Document:
    """The endpoints; `scheme` names the security scheme of access tokens."""
    return {
        "/api/auth/sign-up": sign_up(),
        "/api/auth/sign-in": entrance("sign_in", "Open a session", "SignIn", "invalid_credentials", "account_banned"),
        "/api/auth/renew": {
            "post": {
                "tags": ["identity"],
                "operationId": "renew",
                "summary": "Get a new access token for the current one",
                "description": "The new token belongs to the same session. The current one stays valid for another "
                "minute, in which it gives the same new token again; used here or to sign out after that, it ends the "
                "session. Browsers are refused: their tokens are renewed automatically.",
                "security": [{scheme: []}],
                "responses": {
                    "200": json_of("Renewed", "A token with a new `jti`."),
                    **refusals("token_missing", "token_invalid", "token_expired", "token_revoked", "token_reused"),
                    **refusals("token_not_for_browsers", "account_banned"),
                    **refusals("rate_limited", "identity_provider_unavailable", "outcome_unknown"),
                },
            }
        },
        "/api/auth/sign-out": {
            "post": {
                "tags": ["identity"],
                "operationId": "sign_out",
                "summary": "End the session of the access token",
                "description": "Every token of the session is refused from here on. A client that has the session's "
                "cookie instead of a token sends it with an `Origin` header.",
                "security": [{scheme: []}],
                "responses": {
                    "200": json_of("SignedOut", "The session has ended."),
                    **refusals("token_missing", "token_invalid", "token_expired", "token_revoked", "token_reused"),
                    **refusals("origin_missing", "origin_not_allowed", "identity_provider_unavailable"),
                },
            }
        },
    }
