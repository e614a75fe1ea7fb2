"""The library's command explains what this service answers, by the service's own settings."""

from notes_api.application import Service
from resource_server.explaining import explain
from resource_server.target import running
from resource_server.testing.issuer import FakeIssuer


async def test_the_application_can_be_named_to_explain_an_answer(app: Service, issuer: FakeIssuer) -> None:
    async with running(app) as (server,):
        good = await explain(server, issuer.token(scopes=["notes:read"]), scopes=["notes:read"])
        lacking = await explain(server, issuer.token(), scopes=["notes:read"])
    assert good.answer is None
    assert lacking.answer is not None
    assert lacking.answer.reason == "the token lacks the scope notes:read"
