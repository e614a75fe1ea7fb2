"""`make revoke`: the tokens of a user, a session or a client, one token, or everybody's, which has to be confirmed."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from scripts.entry import enter
from scripts.identity import run_command

USAGE = (
    "usage: make revoke USER=<id or e-mail> [BEFORE=now|<time>] | SESSION=<id> | TOKEN=<jti> | CLIENT=<client_id>"
    " | ALL=1 [BEFORE=now|<time>]"
)
QUESTION = """This revokes every access token of every user and replaces the signing keys. Sessions live on.
Type 'revoke all' to go on: """
QUESTION_BEFORE = """This revokes every access token that was issued before {before}. Sessions and keys live on.
Type 'revoke all' to go on: """
ANSWER = "revoke all"


class Mistake(ValueError):
    """The operator's variables don't say clearly what is meant."""


def main() -> int:
    try:
        arguments = read(os.environ)
    except Mistake as mistake:
        return refuse(str(mistake))
    before = arguments[2] if len(arguments) > 2 else None
    if arguments[0] == "all" and os.environ.get("REVOKE_YES", "").strip() != "1" and not confirmed(before):
        return refuse("nothing was revoked; answer 'revoke all', or pass YES=1.")
    return run_command("revoke", *arguments)


def read(environment: Mapping[str, str]) -> list[str]:
    """The command's arguments: a kind, whose, and for a user or all, before when. Raises Mistake."""
    given = {
        name: value
        for name in ("USER", "SESSION", "TOKEN", "CLIENT", "ALL", "BEFORE", "YES")
        if (value := environment.get(f"REVOKE_{name}", "").strip())
    }
    before, sure = given.pop("BEFORE", ""), given.pop("YES", "1")
    if len(given) != 1:
        raise Mistake(USAGE)
    ((name, value),) = given.items()
    if name == "ALL" and value != "1":
        raise Mistake(f"ALL takes no value but 1; nothing was revoked. {USAGE}")
    if sure != "1":
        raise Mistake("YES takes no value but 1; nothing was revoked.")
    if before and name not in {"USER", "ALL"}:
        raise Mistake(f"BEFORE goes with USER or ALL; nothing was revoked. {USAGE}")
    if name == "TOKEN" and value.count(".") >= 2:
        raise Mistake("TOKEN takes the token's jti, not the token itself; nothing was revoked.")
    return [
        name.lower(),
        "" if name == "ALL" else value,
        *([moment(before)] if before else []),
    ]


def moment(text: str) -> str:
    """`now`, or a time that has passed, in UTC (ISO 8601)."""
    if text == "now":
        return datetime.now(UTC).isoformat()
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise Mistake("BEFORE takes now, or a time with its zone such as 2026-01-31T12:00:00Z; nothing was revoked.")
    if time > datetime.now(UTC):
        raise Mistake("BEFORE takes a time that has passed; nothing was revoked.")
    return time.astimezone(UTC).isoformat()


def confirmed(before: str | None) -> bool:
    """Asks at the terminal; nobody there is a no."""
    if not sys.stdin.isatty():
        return False
    question = QUESTION_BEFORE.format(before=before) if before else QUESTION
    try:
        return input(question).strip() == ANSWER
    except (EOFError, KeyboardInterrupt):
        print()
        return False


def refuse(reason: str) -> int:
    print(f"revoke: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    enter(main, orderly=True)
