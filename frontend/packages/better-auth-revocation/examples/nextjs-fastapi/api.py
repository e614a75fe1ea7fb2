import os
from typing import Annotated

from fastapi import FastAPI
from resource_server.fastapi import Auth, Principal
from resource_server.revocation import HttpRevocationFeed

IDP = os.environ["BETTER_AUTH_URL"]
feed = HttpRevocationFeed(f"{IDP}/api/auth/revocations", os.environ["FEED_CREDENTIAL"])
auth = Auth.better_auth(IDP, audience="http://localhost:8000", revocations=feed)

app = FastAPI(lifespan=auth.lifespan)
auth.install(app)


@app.get("/notes")
async def notes(reader: Annotated[Principal, auth.requires("notes:read")]) -> dict[str, str]:
    return {"owner": reader.subject}
