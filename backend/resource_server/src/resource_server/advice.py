"""Tells the operator, at WARNING, of refusals that are more likely a mistake in a setting than an attack."""

import logging
from collections.abc import Callable
from typing import Final

from resource_server.verification.errors import TokenInvalid
from resource_server.verification.rules import Rule

logger = logging.getLogger(__name__)

INTERVAL: Final = 60.0
"""Seconds between two lines about one rule: anybody can send such tokens."""
SETTINGS: Final = frozenset({Rule.ISSUER, Rule.AUDIENCE, Rule.ALGORITHM})


class Advice:
    """One for each resource server. ``clock``: monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._said_at: dict[Rule, float] = {}

    def consider(self, refusal: TokenInvalid, *, verified: bool) -> None:
        """Log the reason for the refusal, if it names a setting. ``verified``: whether the signature was."""
        rule = refusal.rule
        if rule not in SETTINGS or self._clock() - self._said_at.get(rule, float("-inf")) < INTERVAL:
            return
        self._said_at[rule] = self._clock()
        signature = "a good signature" if verified else "a signature that was not verified"
        logger.warning(
            "a token with %s is refused: %s; said once in %g s",
            signature,
            refusal.reason,
            INTERVAL,
            extra={"rule": rule},
        )
