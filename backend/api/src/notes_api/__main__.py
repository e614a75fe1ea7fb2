"""`python -m notes_api`: the service on uvicorn with bounded connections; takes uvicorn's options, such as `--port`."""

import sys

from uvicorn.main import main

BOUNDS = [
    "--http=notes_api.serving.protocol:BoundedProtocol",
    "--ws=none",
    "--no-access-log",
    # TRUSTED_PROXIES says whose X-Forwarded-For counts; uvicorn would trust every process on this machine.
    "--no-proxy-headers",
    "--timeout-graceful-shutdown=15",
    # A worker that is slow to start, on a busy machine, must not be taken for one that hangs, and killed.
    "--timeout-worker-healthcheck=30",
]

if __name__ == "__main__":
    main(["notes_api.main:app", *BOUNDS, *sys.argv[1:]], prog_name="notes_api")
