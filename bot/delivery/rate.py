"""How fast a channel takes announcements, found out as they leave."""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic

SLOWER, FASTER, FASTER_AFTER_S = 0.5, 1.1, 60.0  # after a refusal half the pace; then a tenth more each quiet minute


class Rate:
    """How fast one account may send. Announcements keep below `most` messages in any second, answers to people included,
    and evenly apart; answers never wait here, but what they use is taken from the announcements."""

    def __init__(self, most: float) -> None:
        self.most = self._now = most
        self._sent: deque[float] = deque()  # within the last second
        self._answers: deque[float] = deque()  # those of them that did not ask
        self._next = 0.0
        self._changed = 0.0

    def answered(self, now: float) -> None:
        """Something else was sent on this account."""
        self._sent.append(now)
        self._answers.append(now)

    def refused(self, now: float) -> None:
        """The platform said: too fast."""
        self._now, self._changed = max(self._now * SLOWER, min(1.0, self.most)), now

    def wait(self, now: float) -> float:
        """Seconds until an announcement may go; 0 for now."""
        if self._now < self.most and now - self._changed >= FASTER_AFTER_S:
            self._now, self._changed = min(self.most, self._now * FASTER), now
        for times in (self._sent, self._answers):
            while times and times[0] <= now - 1:
                times.popleft()
        room = self._now - min(
            len(self._answers), self._now / 2
        )  # as many answers may come in the next second as in this one
        if len(self._sent) - len(self._answers) >= max(room, 1):
            return max(self._sent[0] + 1 - now, 0.001)
        return max(self._next - now, 0.0)

    def spend(self, now: float) -> None:
        """An announcement goes out."""
        self._sent.append(now)
        self._next = max(self._next, now - 0.05) + 1 / self._now

    async def turn(self) -> None:
        """Return when an announcement may go, and count it."""
        while (wait := self.wait(monotonic())) > 0:  # noqa: ASYNC110 - what was sent meanwhile decides, and nobody tells
            await asyncio.sleep(wait)
        self.spend(monotonic())
