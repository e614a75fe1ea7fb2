"""`make revoke`: one user's tokens, one session's, or everybody's, which has to be confirmed."""

import os
import sys

from scripts.identity import run_command

USAGE = "usage: make revoke USER=<id or e-mail> | SESSION=<id> | ALL=1"
QUESTION = """This revokes every access token of every user and replaces the signing keys. Sessions live on.
Type 'revoke all' to go on: """
ANSWER = "revoke all"


def main() -> int:
    user, session, everybody, sure = (
        os.environ.get(f"REVOKE_{name}", "").strip() for name in ("USER", "SESSION", "ALL", "YES")
    )
    if [bool(user), bool(session), bool(everybody)].count(True) != 1:
        return refuse(USAGE)
    if everybody and everybody != "1":
        return refuse(f"ALL takes no value but 1; nothing was revoked. {USAGE}")
    if sure not in {"", "1"}:
        return refuse("YES takes no value but 1; nothing was revoked.")
    if everybody and not (sure or confirmed()):
        return refuse("nothing was revoked; answer 'revoke all', or pass YES=1.")
    if everybody:
        return run_command("revoke", "all")
    return run_command("revoke", *(("user", user) if user else ("session", session)))


def confirmed() -> bool:
    """Asks at the terminal; nobody there is a no."""
    if not sys.stdin.isatty():
        return False
    try:
        return input(QUESTION).strip() == ANSWER
    except (EOFError, KeyboardInterrupt):
        print()
        return False


def refuse(reason: str) -> int:
    print(f"revoke: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
