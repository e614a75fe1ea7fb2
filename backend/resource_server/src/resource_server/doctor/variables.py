"""Files of environment variables: read as the application reads them, with the mistakes that it would ignore."""

import difflib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from resource_server.doctor.finding import Finding, fault, warning

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SIMILARITY = 0.75
QUOTES = "'\"`"
CUT = re.compile(r"[^#]*[^\s#]#")
"""What follows a space is a comment to all of them."""


def examine_env_file(file: Path, known: Collection[str], *, name: str | None = None) -> list[Finding]:
    """What is wrong with the file itself: its encoding, its permissions, and names that nothing reads."""
    subject = name or str(file)
    try:
        content = file.read_bytes()
    except OSError as error:
        return [
            fault(subject, "env_unreadable", f"it can't be read ({type(error).__name__})", "check that it is there")
        ]
    found: list[Finding] = []
    if content.startswith(BYTE_ORDER_MARK):
        found.append(
            fault(
                subject,
                "env_byte_order_mark",
                "it begins with a byte-order mark, which becomes part of the first variable's name",
                "save it as UTF-8 without BOM",
            )
        )
    if file.stat().st_mode & 0o077:
        found.append(
            warning(subject, "env_readable", "other users of this machine may read it", f"chmod 600 {subject}")
        )
    text = content.removeprefix(BYTE_ORDER_MARK).decode(errors="replace")
    found += [misspelt(subject, name, known) for name in names_in(text) if name not in known]
    found += [finding for name, value in lines_of(text) for finding in ambiguous(subject, name, value)]
    return found or [Finding(subject)]


def names_in(text: str) -> list[str]:
    """The variables that the lines set."""
    return [name for name, _ in lines_of(text)]


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    """Each variable with its value as it is written, quotes and all."""
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            yield name.strip(), value.strip()


def ambiguous(subject: str, name: str, value: str) -> Iterator[Finding]:
    """What programs read differently. Never shows the value."""
    if "$" in value:
        problem = f"the value of {name} has a $, which a shell and Next.js replace, and other programs do not"
        yield warning(subject, "value_with_dollar", problem, "choose a value without one (in an address, $ is %24)")
    if value[:1] not in {*QUOTES, "#"} and CUT.match(value):
        problem = f"the value of {name} has a # outside quotes: to some programs it ends there"
        yield warning(subject, "value_with_hash", problem, "put the value into quotes (in an address, # is %23)")


def misspelt(subject: str, name: str, known: Collection[str]) -> Finding:
    nearest = difflib.get_close_matches(name.upper(), known, n=1, cutoff=SIMILARITY)
    remedy = f"do you mean {nearest[0]}?" if nearest else "remove it, or look its name up in env.example"
    return warning(subject, "variable_unknown", f"nothing reads {name}", remedy)
