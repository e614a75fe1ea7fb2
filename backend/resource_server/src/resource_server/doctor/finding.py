"""One thing that was examined, and the report on all of them."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

HIDDEN: Final = "[hidden]"


class Level(StrEnum):
    """How much it matters: tokens fail or are not revoked, something works less well than it could, or nothing."""

    FAULT = "fault"
    WARNING = "warning"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Finding:
    """``subject`` was examined. ``problem`` says what is wrong, and names the setting; ``remedy`` says what to do.

    ``code`` is a stable name of the fault, for scripts.
    """

    subject: str
    code: str = "ok"
    problem: str = ""
    remedy: str = ""
    level: Level = Level.OK

    def __str__(self) -> str:
        if self.level is Level.OK:
            return self.subject
        return f"{self.subject}: {self.problem}; {self.remedy}"


def fault(subject: str, code: str, problem: str, remedy: str) -> Finding:
    """Tokens fail, or are not revoked, until this is fixed."""
    return Finding(subject, code, problem, remedy, Level.FAULT)


def warning(subject: str, code: str, problem: str, remedy: str) -> Finding:
    """It works, with a drawback."""
    return Finding(subject, code, problem, remedy, Level.WARNING)


def exit_status(findings: Iterable[Finding]) -> int:
    """1 when there is a fault."""
    return int(any(finding.level is Level.FAULT for finding in findings))


MARKS: Final = {Level.OK: "✓", Level.WARNING: "!", Level.FAULT: "✗"}


def report(findings: Iterable[Finding], *, as_json: bool = False, secrets: Collection[str] = ()) -> str:
    """All findings as text, or as one JSON object. Where one of ``secrets`` would show, it is hidden."""
    findings = list(findings)
    if as_json:
        content = {
            "ok": exit_status(findings) == 0,
            "findings": [
                {name: getattr(finding, name) for name in ("level", "code", "subject", "problem", "remedy")}
                for finding in findings
            ],
        }
        text = json.dumps(content, indent=2, ensure_ascii=False)
    else:
        text = "\n".join(f"  {MARKS[finding.level]} {finding}" for finding in findings)
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text
