"""How a person writes: not at once, not to everybody, not from the first day.

WAHA's guide against bans: answer, do not begin; pause 30 to 60 seconds, never the same, between messages nobody asked for.
A new number is warmed up: few on its first day, a few more on each that follows.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

PER_LETTER_S, SHORTEST_S, LONGEST_S = 0.012, 0.6, 3.0  # of typing
PAUSE_S = (30.0, 60.0)  # between two notices
FIRST_DAY, MORE_A_DAY, MOST_A_DAY = 15, 10, 100  # notices in 24 hours
FULL_S = 3600.0  # until one looks again when the day's share is used up


def typing(text: str) -> float:
    """Seconds a message takes to type; never twice the same."""
    return min(LONGEST_S, SHORTEST_S + len(text) * PER_LETTER_S) * random.uniform(0.7, 1.3)  # noqa: S311 - jitter


def share(now: datetime, first: datetime | None) -> int:
    """How many notices may go out in 24 hours, by the age of the number's first notice."""
    return min(MOST_A_DAY, FIRST_DAY + MORE_A_DAY * ((now - first).days if first is not None else 0))


class Manners:
    """The pause between notices; each that must wait is given a time of its own."""

    def __init__(self) -> None:
        self._next = self._line = datetime.min.replace(
            tzinfo=UTC
        )  # when one may go if none waits; the time of the last that waits

    def unasked(self, now: datetime, count: int, first: datetime | None) -> float:
        """Seconds until a notice may go, `count` having gone in 24 hours; 0 counts it as gone.

        Whole microseconds, as `now` plus a timedelta has them: who comes back at the time they were given must not be a fraction early.
        """
        if count >= share(now, first):
            return FULL_S
        pause = timedelta(seconds=random.uniform(*PAUSE_S))  # noqa: S311 - jitter
        if now >= self._next:
            self._next = now + pause
            self._line = max(self._line, now)
            return 0.0
        self._line = max(self._line + pause, self._next)
        return (self._line - now).total_seconds()
