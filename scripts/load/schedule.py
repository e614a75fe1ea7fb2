"""How many people there are, and when. Seconds count from the start of the load."""

import os
from dataclasses import dataclass

STEPS = (0.125, 0.25, 0.5, 0.75, 1.0)
"""Parts of all people."""
ARRIVALS = 12
"""People who sign up in a second while a step begins: less than half of what two cores can hash and insert."""
RUSH_ARRIVALS = 300
RECOVERY = 5.0
"""Everything is as before within this time after a rush."""


@dataclass(frozen=True)
class Phase:
    """From `start` to `end` there are `people`, and `rushing` ones besides; all are there after `arriving` seconds."""

    name: str
    start: float
    end: float
    people: int
    rushing: int = 0
    arriving: float = 0.0


@dataclass(frozen=True)
class Load:
    people: int = 2_000
    rushing: int = 600
    hold: float = 30.0
    """Seconds of each step once its people are there, of the rush, and of what follows it."""

    @property
    def phases(self) -> list[Phase]:
        phases: list[Phase] = []
        now, there = 0.0, 0
        for part in STEPS:
            people = max(1, round(self.people * part))
            arriving = (people - there) / ARRIVALS
            phases.append(Phase(f"{people:,} people", now, now + arriving + self.hold, people, arriving=arriving))
            now, there = phases[-1].end, people
        arriving = self.rushing / RUSH_ARRIVALS
        phases.append(Phase("the rush", now, now + self.hold, self.people, self.rushing, arriving))
        phases.append(Phase("after it", phases[-1].end, phases[-1].end + RECOVERY + self.hold, self.people))
        return phases

    @classmethod
    def from_environment(cls) -> "Load":
        """As `LOAD_PEOPLE`, `LOAD_RUSHING` and `LOAD_HOLD` say."""
        return cls(
            int(os.environ.get("LOAD_PEOPLE") or cls.people),
            int(os.environ.get("LOAD_RUSHING") or cls.rushing),
            float(os.environ.get("LOAD_HOLD") or cls.hold),
        )
