"""`DELETE /api/me`: all that the API holds of the caller."""

from fastapi import APIRouter, status

from notes_api.access import CurrentPrincipal
from notes_api.database import DatabaseSession
from notes_api.notes import service
from resource_server.fastapi import AuthenticatedRoute

router = APIRouter(tags=["identity"], route_class=AuthenticatedRoute)


@router.delete("/api/me", status_code=status.HTTP_204_NO_CONTENT)
async def erase_me(caller: CurrentPrincipal, session: DatabaseSession) -> None:
    """Deletes all that the API holds of the caller, whose notes they are: part of deleting an account."""
    await service.remove_all(session, caller.subject)
