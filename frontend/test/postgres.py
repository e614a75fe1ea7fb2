"""An embedded Postgres with every migration applied; prints its URLs as JSON and lives until its input ends."""

import json
import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.database import embedded_database
from scripts.migrate import migrate

answer = os.fdopen(os.dup(1), "w")
# What the migrators say is no answer.
os.dup2(2, 1)

# A crash of the server process loses no data even so, and each file's database is made and dropped sooner.
settings = ("fsync = off", "full_page_writes = off")
with (
    tempfile.TemporaryDirectory(prefix="vitest-postgres-") as folder,
    embedded_database(Path(folder), settings) as urls,
):
    migrate(urls)
    superuser = urlsplit(urls.owner)._replace(netloc="postgres@", path="/postgres").geturl()
    print(json.dumps({"owner": urls.owner, "superuser": superuser}), file=answer, flush=True)
    sys.stdin.read()
