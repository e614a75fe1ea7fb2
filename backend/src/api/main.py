"""`uvicorn api.main:app`: the service with the settings of its environment."""

from api.application import create_app
from api.logging import configure_logging
from api.settings import load_settings

settings = load_settings()
configure_logging(settings)
app = create_app(settings)
