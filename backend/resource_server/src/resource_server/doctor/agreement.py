"""Whether the settings fit the tokens that the issuer says it issues. Asks nobody; for readiness too."""

from urllib.parse import urlsplit

from resource_server.announced import Announcement
from resource_server.doctor.finding import Finding, fault
from resource_server.names import VARIABLES, Names
from resource_server.settings import ResourceServerSettings

EDDSA = frozenset({"EdDSA", "Ed25519"})
"""Two names of one algorithm (RFC 9864)."""


def disagreements(settings: ResourceServerSettings, announced: Announcement, names: Names = VARIABLES) -> list[Finding]:
    """What lets every new token fail; empty when nothing does, or when the issuer says nothing."""
    found = []
    if announced.issuer is not None and announced.issuer != settings.issuer:
        found.append(wrong_issuer(settings.issuer, announced.issuer, names))
    accepted = {settings.audience, *settings.other_audiences}
    if announced.audience is not None and announced.audience not in accepted:
        found.append(wrong_audience(settings.audience, announced.audience, names))
    if announced.algorithm is not None and not accepts(settings, announced.algorithm):
        found.append(algorithm_not_accepted(announced.algorithm, names))
    offset = announced.clock_offset
    # A second of rounding, and as much for the way.
    if offset is not None and offset > settings.leeway + 2:
        found.append(
            fault(
                "Clock",
                "clock_behind",
                f"this machine's clock is {offset:.0f} s behind the issuer's, so new tokens seem to come from the"
                " future",
                "synchronise the clocks of both (NTP)",
            )
        )
    return found


def wrong_issuer(configured: str, actual: str, names: Names = VARIABLES) -> Finding:
    """Names the difference, for the ones that are hard to see."""
    problem = f"tokens are issued by {actual}, but {names.issuer} is {configured}"
    ours, theirs = urlsplit(configured), urlsplit(actual)
    if configured.rstrip("/") == actual.rstrip("/"):
        problem += " (they differ in the slash at the end)"
    elif ours[1:] == theirs[1:]:
        problem += f" (they differ in {ours.scheme}:// and {theirs.scheme}://)"
    return fault("Issuer", "issuer_mismatch", problem, f"set {names.issuer} to {actual}")


def wrong_audience(configured: str, actual: str, names: Names = VARIABLES) -> Finding:
    return fault(
        "Audience",
        "audience_mismatch",
        f"tokens are issued for {actual}, but {names.audience} is {configured}",
        f"set {names.audience} to {actual}, or {names.audience_of_issuer} to {configured}",
    )


def algorithm_not_accepted(algorithm: str, names: Names = VARIABLES) -> Finding:
    return fault(
        "Algorithm",
        "algorithm_not_accepted",
        f"tokens are signed with {algorithm}, which {names.algorithms} does not accept",
        f"add {algorithm} to {names.algorithms}",
    )


def accepts(settings: ResourceServerSettings, algorithm: str) -> bool:
    """Whether tokens signed with it are, under either name of EdDSA."""
    same = EDDSA if algorithm in EDDSA else {algorithm}
    return not same.isdisjoint(settings.algorithms)
