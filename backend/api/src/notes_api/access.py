"""Who may call: each permission named once, as the type of a route's parameter."""

from typing import Annotated

from fastapi import Security

from resource_server.fastapi import Authentication, Principal

authentication = Authentication()

CurrentPrincipal = Annotated[Principal, Security(authentication.required)]
NotesReader = Annotated[Principal, Security(authentication.required, scopes=["notes:read"])]
NotesWriter = Annotated[Principal, Security(authentication.required, scopes=["notes:write"])]
