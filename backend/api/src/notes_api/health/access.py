"""Who may see metrics and the details of readiness: everybody in development, else holders of MANAGEMENT_TOKEN."""

import hmac

from fastapi import Request

from notes_api.problems import Problem
from notes_api.settings import Settings


def shows_details(request: Request) -> bool:
    settings: Settings = request.state.settings
    if settings.management_token is None:
        return settings.environment == "development"
    expected = f"Bearer {settings.management_token.get_secret_value()}"
    sent = request.headers.get("authorization", "")
    return hmac.compare_digest(sent.encode(), expected.encode())


def require_access(request: Request) -> None:
    """Raises Problem `not_found` where no credential is configured, `token_invalid` for a wrong one."""
    settings: Settings = request.state.settings
    if not shows_details(request):
        raise Problem("not_found" if settings.management_token is None else "token_invalid")
