"""Runs last: after all that the other tests did, the logs hold no secret."""

import re

from scripts.stack.isolated import SECRET, RunningStack
from tests.system.conftest import FEED_TOKEN
from tests.system.people import PASSWORD, sign_up

JWT = re.compile(r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.")


def test_no_token_password_or_secret_is_in_a_log(stack: RunningStack) -> None:
    with sign_up(stack.web) as person:
        person.client.get("/api/backend/me", params={"q": person.token})
    logs = stack.log("web") + stack.log("api")

    assert logs, "there are logs to look at"
    assert not JWT.search(logs)
    for secret in (PASSWORD, SECRET, FEED_TOKEN):
        assert secret not in logs


def test_no_request_ended_in_an_unexpected_error(stack: RunningStack) -> None:
    logs = stack.log("web") + stack.log("api")
    assert "Traceback" not in logs
    assert "unhandledRejection" not in logs
