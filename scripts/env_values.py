"""What the files of variables hold, each as the programs read it that it is for.

In Node's reading an unquoted `#` begins a comment, and `${NAME}` stands for itself; in python-dotenv's neither.
"""

import json
import subprocess
from functools import cache
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from scripts.paths import API, FRONTEND, NODE

PARSE = "process.stdout.write(JSON.stringify(require('util').parseEnv(require('fs').readFileSync(0, 'utf8'))))"


def web_values(file: Path = FRONTEND / ".env") -> dict[str, str]:
    """The identity provider's. Nothing without a file; a byte-order mark, which the doctor names, is left out."""
    return dict(as_node_reads(file.read_text(encoding="utf-8-sig"))) if file.exists() else {}


def api_values(file: Path = API / ".env") -> dict[str, str]:
    """The API's, likewise."""
    values = dotenv_values(file, encoding="utf-8-sig") if file.exists() else {}
    return {name: value for name, value in values.items() if value is not None}


@cache
def as_node_reads(text: str) -> dict[str, str]:
    if not NODE.exists():
        return {name: value or "" for name, value in dotenv_values(stream=StringIO(text), interpolate=False).items()}
    ran = subprocess.run([str(NODE), "-e", PARSE], input=text, capture_output=True, text=True, check=True)
    values: dict[str, str] = json.loads(ran.stdout)
    return values
