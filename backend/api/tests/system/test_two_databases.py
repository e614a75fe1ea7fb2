"""An API over another database than the identity provider's follows revocations that are not of its tokens."""

from pathlib import Path

import httpx
import pytest

from scripts.database import embedded_database
from scripts.stack.isolated import RunningStack, prepared_stack
from tests.system.eventually import eventually


@pytest.mark.long
def test_it_is_not_ready_and_both_sides_say_so_in_one_line(stack: RunningStack, folder: Path) -> None:
    with embedded_database(folder / "postgres") as urls, prepared_stack(folder, urls) as apart:
        apart.services["web"].environment["DATABASE_URL"] = stack.urls.owner
        apart.start("web")
        apart.launch("api")
        apart.wait_ready("api", f"{apart.api}/healthz")
        eventually(lambda: "another database" in revocations(apart))
        assert httpx.get(f"{apart.api}/readyz").status_code == 503

        eventually(lambda: "revocations come from another database" in apart.log("api"))
        not_ready = f"the resource server {apart.api}/readyz is not ready: 503 revocations: come from another database"
        eventually(lambda: apart.log("web").count(not_ready) == 1)


def revocations(stack: RunningStack) -> str:
    return str(stack.ask_management("/readyz").json()["checks"]["revocations"])
