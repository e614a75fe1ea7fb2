"""How `make load` judges the answers that people got."""

from dataclasses import replace

import pytest

from scripts.load.schedule import RECOVERY, Load
from scripts.load.verdict import Answer, Outcome, Record, Sample, cores_used, faults, figures, held

LOAD = Load(people=80, rushing=30, hold=10)
PHASES = LOAD.phases
RUSH, AFTER = PHASES[-2:]


def answer(begun: float, outcome: Outcome = "good", seconds: float = 0.01, why: str = "") -> Answer:
    return {"begun": begun, "seconds": seconds, "name": "client: read notes", "outcome": outcome, "why": why}


def recorded(*answers: Answer, samples: tuple[Sample, ...] = ()) -> Record:
    return {"answers": [*answers], "samples": [*samples], "refused": []}


REFUSED = answer(RUSH.start + 1, "refused", why="503 overloaded")
ORDERLY = [*(answer(phase.end - 0.1) for phase in PHASES), REFUSED]


def test_a_load_in_which_only_the_rush_is_refused_has_no_fault() -> None:
    assert faults(recorded(*ORDERLY), PHASES) == []


@pytest.mark.parametrize(
    "fault",
    [
        answer(RUSH.start - 5, "refused", why="503 overloaded"),
        answer(RUSH.start - 5, "bad", why="500 "),
        answer(RUSH.start + 1, "bad", why="504 outcome_unknown"),
        answer(AFTER.start + RECOVERY + 0.1, "refused", why="429 rate_limited"),
    ],
    ids=["refused below saturation", "failed below it", "failed in the rush", "refused long after it"],
)
def test_what_must_not_be_answered_is_counted(fault: Answer) -> None:
    assert faults(recorded(*ORDERLY, fault, fault), PHASES) == [f"2 times client: read notes: {fault['why']}"]


def test_refusals_are_allowed_from_the_rush_until_the_service_must_have_recovered() -> None:
    late = answer(AFTER.start + RECOVERY - 0.1, "refused")
    waited = answer(RUSH.start - 1, "refused", seconds=1.5)
    assert faults(recorded(*ORDERLY, late, waited), PHASES) == []


def test_a_service_that_stays_slow_has_not_recovered() -> None:
    slow = [answer(AFTER.start + RECOVERY + 1, seconds=2.0)] * 3
    assert faults(recorded(*ORDERLY, *slow), PHASES) == ["5 s after the rush, 5% of all answers took 2.0 s or more"]


def test_a_rush_without_refusals_and_a_phase_without_requests_prove_nothing() -> None:
    assert faults(recorded(*ORDERLY[:-1]), PHASES) == [
        "nothing was refused in the rush: it was too small to show what happens above saturation"
    ]
    before = [one for one in ORDERLY if one["begun"] < RUSH.start]
    assert "no request was made in the phase 'the rush'" in faults(recorded(*before), PHASES)


@pytest.mark.parametrize(("own", "is_fault"), [(0.5, False), (0.9, True)])
def test_a_load_generator_that_fills_its_core_is_a_fault(own: float, is_fault: bool) -> None:
    first, last = RUSH.start + RUSH.arriving, RUSH.end - 1
    samples: tuple[Sample, ...] = (
        {"at": first, "busy": 100.0, "own": 7.0},
        {"at": last, "busy": 100.0 + 2 * (last - first), "own": 7.0 + own * (last - first)},
    )
    assert list(cores_used(samples, RUSH)) == pytest.approx([2.0, own])
    said = faults(recorded(*ORDERLY, samples=samples), PHASES)
    assert any("bottleneck in the phase 'the rush'" in one for one in said) is is_fault


def test_people_come_in_steps_and_figures_count_from_when_all_of_a_step_are_there() -> None:
    assert [phase.people for phase in PHASES] == [10, 20, 40, 60, 80, 80, 80]
    assert [phase.rushing for phase in PHASES] == [0, 0, 0, 0, 0, 30, 0]
    first = PHASES[0]
    counted = held([answer(first.arriving - 0.1), answer(first.arriving + 0.1)], first)
    found = figures([*counted, answer(first.arriving + 0.2, "bad")], seconds=4.0)
    assert (found.requests, found.per_second, found.refused, found.bad) == (2, 0.5, 0, 1)
    assert replace(LOAD, people=1).phases[0].people == 1
