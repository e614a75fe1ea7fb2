"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BACKEND = ROOT / "backend"
LIBRARY = BACKEND / "resource_server"
API = BACKEND / "api"
FRONTEND = ROOT / "frontend"
DATA = ROOT / ".data"
BIN = ROOT / ".venv" / "bin"
NODE = BIN / "node"

# Runs a TypeScript file of the frontend; the working directory must be FRONTEND.
RUN_SOURCE = [str(NODE), "--env-file-if-exists=.env", "--import", "./scripts/allow-server-only.ts"]
