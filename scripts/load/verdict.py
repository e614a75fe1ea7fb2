"""What the record of a load says: figures for each phase and each action, and the faults."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from scripts.bench.table import percentile
from scripts.load.schedule import RECOVERY, Phase

ACCEPTABLE = 1.0
"""Seconds within which 95 of 100 requests are answered once a rush is over."""
GENERATOR_BUSY = 0.8
"""Share of the one core that locust runs on. Above it, the times measured are those of locust itself."""

Outcome = Literal["good", "refused", "bad"]


class Answer(TypedDict):
    """`begun` and `seconds`, the time it took, are in seconds. `why`: status and code of what is not good."""

    begun: float
    seconds: float
    name: str
    outcome: Outcome
    why: str


class Sample(TypedDict):
    """Seconds of processor time until `at`: of the whole machine, and of the load generator."""

    at: float
    busy: float
    own: float


class Record(TypedDict):
    """`refused`: the e-mail addresses of the rush that were told that nothing was done."""

    answers: list[Answer]
    samples: list[Sample]
    refused: list[str]


@dataclass(frozen=True)
class Figures:
    requests: int
    per_second: float
    p50: float
    p95: float
    p99: float
    refused: int
    bad: int


def figures(answers: Sequence[Answer], seconds: float) -> Figures:
    took = [answer["seconds"] for answer in answers if answer["outcome"] == "good"]
    counts = Counter(answer["outcome"] for answer in answers)
    return Figures(
        len(answers),
        len(answers) / seconds,
        percentile(took, 0.5),
        percentile(took, 0.95),
        percentile(took, 0.99),
        counts["refused"],
        counts["bad"],
    )


def held(answers: Sequence[Answer], phase: Phase) -> list[Answer]:
    """The answers to requests that began while all people of the phase were there."""
    return [answer for answer in answers if phase.start + phase.arriving <= answer["begun"] < phase.end]


def cores_used(samples: Sequence[Sample], phase: Phase) -> tuple[float, float]:
    """Cores that the whole machine used while all people of the phase were there, and those of the load generator."""
    during = [one for one in samples if phase.start + phase.arriving <= one["at"] < phase.end]
    if len(during) < 2:
        return 0.0, 0.0
    first, last = during[0], during[-1]
    seconds = last["at"] - first["at"]
    return (last["busy"] - first["busy"]) / seconds, (last["own"] - first["own"]) / seconds


def faults(record: Record, phases: Sequence[Phase]) -> list[str]:
    """What must not have happened; empty when all is well."""
    answers, (rush, after) = record["answers"], phases[-2:]
    found = Counter(
        f"{answer['name']}: {answer['why']}"
        for answer in answers
        if answer["outcome"] == "bad" or (answer["outcome"] == "refused" and not may_refuse(answer, rush, after))
    )
    said = [f"{count} times {what}" for what, count in found.most_common()]
    said += [f"no request was made in the phase '{phase.name}'" for phase in phases if not held(answers, phase)]
    if not any(answer["outcome"] == "refused" for answer in answers):
        said.append("nothing was refused in the rush: it was too small to show what happens above saturation")
    recovered = [
        answer
        for answer in answers
        if answer["begun"] >= after.start + RECOVERY and not answer["name"].startswith("rush:")
    ]
    slow = figures(recovered, 1.0).p95
    if slow > ACCEPTABLE:
        said.append(f"{RECOVERY:.0f} s after the rush, 5% of all answers took {slow:.1f} s or more")
    for phase in phases:
        _, own = cores_used(record["samples"], phase)
        if own > GENERATOR_BUSY:
            said.append(f"the load generator was the bottleneck in the phase '{phase.name}': {own:.2f} of its one core")
    return said


def may_refuse(answer: Answer, rush: Phase, after: Phase) -> bool:
    """Only during the rush and until the service must have recovered."""
    return answer["begun"] + answer["seconds"] >= rush.start and answer["begun"] < after.start + RECOVERY
