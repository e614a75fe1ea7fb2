"""The API's schemas of the caller."""

from datetime import datetime

from pydantic import BaseModel


class Me(BaseModel):
    """The caller as the access token says."""

    subject: str
    session_id: str | None
    email: str | None
    email_verified: bool
    name: str | None
    actor: str | None
    """The id of the user who acts as the caller, such as an administrator; null when nobody does."""
    roles: list[str]
    scopes: list[str]
    issued_at: datetime
    expires_at: datetime
