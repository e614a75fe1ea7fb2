"""Whose clock is wrong, by what each of several machines believes the time to be."""

from collections.abc import Mapping

from resource_server.doctor.finding import Finding, fault

TOLERANCE = 5.0
"""Seconds. An HTTP date is rounded to one, and the leeway for tokens is 30."""
REMEDY = "synchronise it (NTP)"


def examine_clocks(offsets: Mapping[str, float]) -> list[Finding]:
    """``offsets``: by whom, seconds that its clock is ahead of this machine's. The majority is right."""
    clocks = {"this machine": 0.0, **offsets}
    agreeing = max((near(clocks, offset) for offset in clocks.values()), key=len)
    if len(agreeing) == len(clocks):
        return [Finding("Clocks agree")] if offsets else []
    right = sum(clocks[name] for name in agreeing) / len(agreeing)
    if len(agreeing) * 2 <= len(clocks):
        spread = max(clocks.values()) - min(clocks.values())
        names = ", ".join(clocks)
        return [fault("Clocks", "clock_off", f"those of {names} differ by {spread:.0f} s", "synchronise them (NTP)")]
    return [off(name, offset - right) for name, offset in clocks.items() if name not in agreeing]


def near(clocks: Mapping[str, float], offset: float) -> set[str]:
    return {name for name, other in clocks.items() if abs(other - offset) <= TOLERANCE}


def off(name: str, seconds: float) -> Finding:
    way = "ahead of" if seconds > 0 else "behind"
    return fault(f"Clock of {name}", "clock_off", f"it is {abs(seconds):.0f} s {way} the others", REMEDY)
