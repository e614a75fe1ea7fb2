"""A resource server that follows the identity provider's revocations over HTTP."""

import os
from typing import Annotated

from fastapi import FastAPI
from resource_server.fastapi import Auth, Principal
from resource_server.revocation.http import HttpRevocationFeed

ISSUER = os.environ.get("BETTER_AUTH_URL", "http://localhost:3000")

feed = HttpRevocationFeed(f"{ISSUER}/api/auth/revocations", os.environ["FEED_CREDENTIAL"])
auth = Auth.better_auth(ISSUER, audience="http://localhost:8000", revocations=feed)
app = FastAPI(lifespan=auth.lifespan)
auth.install(app)


@app.get("/notes")
async def notes(caller: Annotated[Principal, auth.requires("notes:read")]) -> dict[str, str]:
    return {"owner": caller.subject}
