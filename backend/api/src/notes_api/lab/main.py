"""`uvicorn notes_api.lab.main:app`: a lab process with the settings of its environment."""

import sys

from pydantic import ValidationError

from notes_api.lab.application import create_lab_app
from notes_api.lab.settings import LabSettings
from notes_api.logging import configure_logging
from notes_api.settings import STARTUP_FAILURE, explain


def load_lab_settings() -> LabSettings:
    """The settings, or the end of the process with one line on standard error."""
    try:
        return LabSettings()
    except ValidationError as error:
        print(explain(error), file=sys.stderr)
        raise SystemExit(STARTUP_FAILURE) from None


settings = load_lab_settings()
configure_logging(settings)
app = create_lab_app(settings)
