"""Updates that wait for the bot, and the webhook that brings them, as Telegram's public server does it.

One POST an update, up to `max_connections` at once. Order is kept only inside a queue: messages of one chat, presses of
one person, block and unblock of one chat. Whatever is not 2xx is repeated: at once, after 2 s, 4 s, 8 s and so on up to
a minute or two, or when Retry-After says; until the update expires. `hurry` shortens these pauses.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.wire import Answer, Poster

T = TypeVar("T")
PATIENCE_S = (
    300.0  # far more than any machine needs: a wait ends by what is waited for, and this only names it in a failure
)
DAY, PRESS = timedelta(hours=24), timedelta(seconds=150)  # how long an update is kept
ANSWER_S = 60.0  # how long the webhook may take
BATCH_BYTES = 4 * 2**20


class Bell:
    """Rings whenever something has happened; whoever waits then looks whether it was what they wait for."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        for event in self._waiting:
            event.set()

    async def until(self, true: Callable[[], T], what: str = "", seconds: float = PATIENCE_S) -> T:
        """What the condition gives once it is true. AssertionError if that does not come in time."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(seconds):
                while not (found := true()):
                    await event.wait()
                    event.clear()
                return found
        except TimeoutError:
            raise AssertionError(f"waited {seconds:g} s in vain: {what or 'for a condition'}") from None
        finally:
            self._waiting.discard(event)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update nobody has confirmed."""

    update: dict[str, Any]
    queue: tuple[str, int]
    until: datetime

    @property
    def id(self) -> int:
        return int(self.update["update_id"])


class Updates:
    """All that wait, in their order."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._all: dict[int, Waiting] = {}
        self._queues: dict[tuple[str, int], deque[Waiting]] = {}

    def __len__(self) -> int:
        return len(self._all)

    @property
    def queues(self) -> list[tuple[str, int]]:
        return list(self._queues)

    def add(self, waiting: Waiting) -> None:
        self._all[waiting.id] = waiting
        self._queues.setdefault(waiting.queue, deque()).append(waiting)

    def first(self, queue: tuple[str, int]) -> Waiting | None:
        """The oldest of a queue; what has expired is gone for good."""
        waiting = self._queues.get(queue, deque())
        while waiting:
            if waiting[0].id in self._all and waiting[0].until > self._now():
                return waiting[0]
            self._all.pop(waiting.popleft().id, None)
        self._queues.pop(queue, None)
        return None

    def batch(self, limit: int) -> list[dict[str, Any]]:
        """The oldest ones, at most so many and about 4 MiB."""
        found: list[dict[str, Any]] = []
        size = 0
        for waiting in list(self._all.values()):
            if waiting.until <= self._now():
                self.confirm(waiting.id)
                continue
            size += len(json.dumps(waiting.update))
            if len(found) == limit or (found and size > BATCH_BYTES):
                break
            found.append(waiting.update)
        return found

    def confirm(self, id: int) -> None:
        self._all.pop(id, None)

    def confirm_below(self, offset: int) -> None:
        """What `getUpdates` does with its offset; a negative one keeps only so many of the newest."""
        ids = list(self._all)
        for id in ids[:offset] if offset < 0 else [id for id in ids if id < offset]:
            self.confirm(id)

    def clear(self) -> None:
        self._all.clear()
        self._queues.clear()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST: when it was answered, and how; status 0 if it was not."""

    at: float  # monotonic seconds
    update_id: int
    status: int


class Hook:
    """Brings updates to a webhook, until it is taken down."""

    def __init__(
        self,
        url: str,
        secret: str,
        most: int,
        updates: Updates,
        run: Callable[[Answer], Awaitable[None]],
        bell: Bell,
        *,
        hurry: float,
    ) -> None:
        self.url, self.secret, self.most, self.hurry = url, secret, most, hurry
        self.deliveries: list[Delivery] = []
        self.trouble = ""  # the newest
        self.trouble_at = 0.0
        self._updates = updates
        self._run = run
        self._bell = bell
        self._post = Poster(url)
        self._room = asyncio.Semaphore(most)
        self._workers: dict[tuple[str, int], asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Something waits."""
        for queue in self._updates.queues:
            if queue not in self._workers:
                self._workers[queue] = asyncio.create_task(self._bring(queue))

    async def take_down(self) -> None:
        workers = list(self._workers.values())
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        self._post.close()

    async def _bring(self, queue: tuple[str, int]) -> None:
        try:
            await self._bring_all(queue)
        finally:
            self._workers.pop(queue, None)

    async def _bring_all(self, queue: tuple[str, int]) -> None:
        failures = 0
        while waiting := self._updates.first(queue):
            answer = await self._posted(waiting)
            if 200 <= answer.status < 300:
                failures = 0
                self._updates.confirm(waiting.id)
                await self._run(answer)
                self._bell.ring()
                continue
            failures += 1
            self._bell.ring()
            pause = 0.0 if failures == 1 else min(2.0 ** (failures - 1), random.uniform(60, 120))
            if asked := answer.headers.get("retry-after", ""):
                pause = min(float(asked), 3600)
            await asyncio.sleep(pause * self.hurry)

    async def _posted(self, waiting: Waiting) -> Answer:
        headers = {"Content-Type": "application/json"} | (
            {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        )
        answer = Answer(0)
        async with self._room:
            try:
                async with asyncio.timeout(ANSWER_S):
                    answer = await self._post(
                        urlsplit(self.url).path or "/", json.dumps(waiting.update).encode(), headers
                    )
                    trouble = "" if 200 <= answer.status < 300 else f"Wrong response from the webhook: {answer.status}"
            except OSError:
                trouble = "Connection refused"
            except TimeoutError:
                trouble = "Read timeout expired"
        if trouble:
            self.trouble, self.trouble_at = trouble, time.time()
        self.deliveries.append(Delivery(time.monotonic(), waiting.id, answer.status))
        return answer
