"""How a script ends: what is wrong with the machine or with a file is one line, and Ctrl-C says nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import NoReturn

from scripts.paths import API, FRONTEND, ROOT

INTERRUPTED = 130
ENDING = (signal.SIGTERM, signal.SIGHUP)


def enter(main: Callable[[], int | None], *, orderly: bool = False) -> NoReturn:
    """Ends the process with the status that `main` returns; 1 after an outer fault, 130 after Ctrl-C.

    `orderly`: SIGTERM and a terminal that is closed end it as Ctrl-C does, so that it stops what it has started.
    """
    if orderly:
        for number in ENDING:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, interrupt)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except subprocess.CalledProcessError as failure:
        # The command that failed has said why.
        sys.exit(failure.returncode)
    except OSError as error:
        sys.exit(explain(error))
    except UnicodeDecodeError as error:
        sys.exit(f"{undecodable()}: is not UTF-8 ({error.reason} at byte {error.start + 1}); save it as UTF-8")


def interrupt(*_: object) -> None:
    """Once: the kernel, the shell and make may all report a closed terminal, and the end is not to be interrupted."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    handler = signal.getsignal(signal.SIGINT)
    # A shell has its background jobs ignore SIGINT.
    if not callable(handler):
        raise KeyboardInterrupt
    handler(signal.SIGINT, None)


def explain(error: OSError) -> str:
    """In one line: the file and the reason."""
    if error.filename is None:
        return error.strerror or str(error)
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(error.filename)
    return f"{name}: {error.strerror}"


def undecodable() -> str:
    """The file of variables that is no text."""
    for file in (FRONTEND / ".env", API / ".env"):
        try:
            file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return str(file.relative_to(ROOT))
        except OSError:
            continue
    return "A file"
