"""`uvicorn notes_api.main:app`: the service with the settings of its environment."""

from notes_api import tracing
from notes_api.application import create_app
from notes_api.logging import configure_logging
from notes_api.settings import load_settings

settings = load_settings()
tracing.start()
configure_logging(settings)
app = create_app(settings)
