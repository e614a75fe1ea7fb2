"""The configuration of a lab process: the service's own, and the variables that begin with LAB_."""

from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator

from notes_api.lifespan import verification
from notes_api.settings import Credential, Settings, staleness_bound
from resource_server import ResourceServerSettings


class LabSettings(Settings):
    """`lab_credential` is what the identity provider opens labs with; `lab_max_staleness` is in seconds."""

    lab_credential: Credential
    lab_max_staleness: Annotated[float, AfterValidator(staleness_bound)] = 10

    @property
    def audience(self) -> str:
        """Of the lab's tokens, which no other service accepts."""
        return f"{self.auth_issuer}/lab"

    @property
    def feed_address(self) -> str:
        """Where the lab's followers listen."""
        return (self.database_url_unpooled or self.database_url).get_secret_value()

    @property
    def resource_server(self) -> ResourceServerSettings:
        """As the service verifies tokens, for the lab's audience and with its bound."""
        return replace(
            verification(self),
            audience=self.audience,
            max_revocation_staleness=self.lab_max_staleness,
            key_set_snapshot=None,
        )
