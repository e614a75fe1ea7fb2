"""`python -m notes_api.lab --port 8101`: one lab process; takes uvicorn's options. For loopback only."""

import sys

from uvicorn.main import main

from notes_api.__main__ import BOUNDS

if __name__ == "__main__":
    main(["notes_api.lab.main:app", *BOUNDS, *sys.argv[1:]], prog_name="notes_api.lab")
