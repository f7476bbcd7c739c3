"""Announcements on their way: planned when their time comes, then sent as fast as each account allows, behind everything else.

A recipient is marked as being sent just before it leaves, a few at a time, so that what a killed process leaves unknown
is no more than what was in flight.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic

from bot.clock import Clock
from bot.delivery.rate import Rate
from bot.delivery.sender import Sender
from bot.log import fault, log
from handlers import channels
from handlers.actor import system
from handlers.announcements.finish import finish
from handlers.notices.quiet_hours import outside_quiet_hours
from handlers.programme.model import Programme
from handlers.talk.words import Language
from storage import Unavailable, announcements
from storage.database import Database

LOOK_S = 0.5  # how often we look for an announcement to send, or for one that was paused
HAND_S = 0.15  # recipients of so long are taken at once


class Announcements:
    """One for each process; it works the channels whose table this process works."""

    def __init__(
        self, database: Database, sender: Sender, clock: Clock, programme: Programme, languages: Mapping[str, Language]
    ) -> None:
        self.database = database
        self.sender = sender
        self.clock = clock
        self.programme = programme
        self.languages = languages
        self._rates: dict[str, Rate] = {}
        self._now: list[int] = []  # announcements to send
        sender.told = self._told

    def rate(self, channel: str) -> Rate:
        return self._rates.setdefault(channel, Rate(channels.rate_limit(channel)))

    def _told(self, channel: str, announcement: bool, refused: bool) -> None:
        """The sender tells what it sent, and whether the platform found it too fast."""
        if refused:
            self.rate(channel).refused(monotonic())
        elif not announcement:
            self.rate(channel).answered(monotonic())

    async def run(self) -> None:
        """Send until cancelled, each channel at its own pace."""
        lanes: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                try:
                    self._now = await self.look()
                except Unavailable:
                    self._now = []
                except Exception as error:
                    self._now = []
                    log.error("announcements not read", **fault(error))
                for channel in self.sender.active:
                    if channel not in lanes:
                        lanes[channel] = asyncio.create_task(self._lane(channel))
                await asyncio.sleep(LOOK_S)
        finally:
            for task in lanes.values():
                task.cancel()
            await asyncio.gather(*lanes.values(), return_exceptions=True)

    async def _lane(self, channel: str) -> None:
        """One channel's share, as long as this process lives."""
        while True:
            try:
                if await self.work(channel, self._now):
                    continue
            except Unavailable:
                pass
            except Exception as error:
                log.error("announcement not sent", channel=channel, **fault(error))
            await asyncio.sleep(LOOK_S)

    async def look(self) -> list[int]:
        """Plan what is due, end what is done; the announcements to send now, none in the quiet hours."""
        if not self.sender.active:
            return []
        await self._begin()
        return await self._going()

    async def _begin(self) -> None:
        """Plan what is due: one row for each recipient."""
        now = self.clock.now()
        async with self.database.reading() as db:
            due = await announcements.due(db, now)
        for id in due:
            async with self.database.transaction() as db:
                await announcements.plan(db, id, now, bridged=channels.BRIDGED)

    async def _going(self) -> list[int]:
        now = self.clock.now()
        async with self.database.reading() as db:
            going: list[int] = []
            done: list[int] = []
            for id in await announcements.sending(db):
                (going if await announcements.unfinished(db, id) else done).append(id)
        for id in done:
            await self._finish(id)
        if outside_quiet_hours(self.programme.announcements, self.programme.zone, now) > now:
            return []
        return going

    async def _finish(self, id: int) -> None:
        async with self.database.transaction() as db:
            ended = await finish(db, system(self.languages, self.clock.now()), id)
        if ended:
            self.sender.wake()

    async def work(self, channel: str, going: list[int]) -> int:
        """Send a channel's share of these announcements until there is nothing to take, or it is time to look again; how many."""
        rate, until, count = self.rate(channel), monotonic() + LOOK_S, 0
        hand = max(1, int(rate.most * HAND_S))
        while monotonic() < until and self.sender.may_announce(channel):
            taken = []
            for id in going:
                if taken := await self.sender.take(id, channel, hand):
                    break
            if not taken:
                break
            for at, (message, attempts, parts) in enumerate(taken):
                await rate.turn()
                if not self.sender.may_announce(channel):  # refused meanwhile: the rest was not sent, and waits
                    await self.sender.put_back([message for message, _attempts, _parts in taken[at:]])
                    return count
                self.sender.announce(message, attempts, parts)
                count += 1
        return count
