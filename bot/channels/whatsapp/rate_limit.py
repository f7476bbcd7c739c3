"""How fast WhatsApp may be written to: a bucket for the account, and one for each person.

Meta, "throughput": 80 messages a second for a number. Meta, "pair rate": one in six seconds to the same person, with
up to 45 at once, borrowed from the time that follows; after an error 131056 wait 4, 16, 64 ... seconds.
"""

from __future__ import annotations

PER_SECOND = 80.0
REPLIES_ONLY = 0.25  # this part of a second's messages is left to replies
SLOWEST = 1.0  # messages a second, whatever Meta says
RECOVERS_S = 120.0  # from nothing to full pace
PAIR_S, PAIR_BURST = 6.0, 40.0
MOST_PAIR_WAIT_S = 4.0**6
MOST = 20_000  # people remembered


class Pace:
    """Of one account, in the one process that works it; others only reply."""

    def __init__(self) -> None:
        self._rate = PER_SECOND
        self._tokens = PER_SECOND
        self._counted = 0.0
        self._until: dict[str, float] = {}  # person -> until when what they were sent is paid for
        self._refused: dict[str, int] = {}  # person -> refusals in a row

    @property
    def rate(self) -> float:
        """Messages a second, now."""
        return self._rate

    def pair(self, person: str, now: float) -> float:
        """Seconds to wait before the next message to this person; 0 counts it as sent."""
        until = max(self._until.pop(person, now), now)
        self._until[person] = until  # the newest stands last
        while len(self._until) > MOST:
            del self._until[next(iter(self._until))]
        wait = until - now - (PAIR_BURST - 1) * PAIR_S
        if wait > 0:
            return wait
        self._until[person] = until + PAIR_S
        return 0.0

    def account(self, now: float, *, reply: bool) -> float:
        """Seconds to wait before the next message to anybody; 0 counts it as sent."""
        passed = max(0.0, now - self._counted) if self._counted else 0.0
        self._counted = max(self._counted, now)
        self._rate = min(PER_SECOND, self._rate + passed * PER_SECOND / RECOVERS_S)
        self._tokens = min(self._rate, self._tokens + passed * self._rate)
        floor = 0.0 if reply else self._rate * REPLIES_ONLY
        if self._tokens - 1 < floor and self._tokens < self._rate:
            return (floor + 1 - self._tokens) / self._rate
        self._tokens -= 1
        return 0.0

    def slower(self) -> None:
        """Meta refused for the account's rate: half of it, and back slowly."""
        self._rate = max(SLOWEST, self._rate / 2)
        self._tokens = 0.0

    def refused(self, person: str) -> float:
        """Meta refused for the pair rate: seconds to wait before writing to this person again."""
        times = self._refused[person] = self._refused.get(person, 0) + 1
        while len(self._refused) > MOST:
            del self._refused[next(iter(self._refused))]
        return min(4.0**times, MOST_PAIR_WAIT_S)

    def went(self, person: str) -> None:
        """A message to this person was taken."""
        self._refused.pop(person, None)
