"""What is kept of bridges: who somebody is, the notice they saw last, ticks, and a session that is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.channels.bridge.channel import Whom
from bot.clock import Clock
from bot.delivery.sender import Sender
from handlers.actor import system
from handlers.notices.tell import tell_team
from handlers.notices.words import disconnected
from handlers.talk.words import Language
from storage import Conflict, outbox, receipts, whatsapp
from storage.database import Database
from storage.receipts import Receipt
from storage.whatsapp import Names

DAY = timedelta(hours=24)


class BridgeRecords:
    """The bridges' books, in the database: the same for every process."""

    def __init__(self, database: Database, delivery: Sender, clock: Clock, languages: Mapping[str, Language]) -> None:
        self.database = database
        self.delivery = delivery
        self.clock = clock
        self.languages = languages

    async def heard(self, channel: str, whom: Whom, at: datetime) -> str:
        """The address somebody is known by: their number, once it is known; made known if they are new."""
        names = Names(whom.phone, whom.lid)
        for last_try in (False, False, True):
            try:
                async with self.database.transaction() as db:
                    return (await whatsapp.heard(db, names, whom.name[:80], at, self.clock.now(), channel))[0]
            except Conflict:  # they wrote twice at once, to two processes
                if last_try:
                    raise
        raise AssertionError("unreachable")

    async def heard_at(self, channel: str, address: str) -> datetime | None:
        async with self.database.reading() as db:
            return await whatsapp.heard_at(db, address, channel)

    async def menu(self, channel: str, address: str) -> Sequence[Mapping[str, Any]]:
        """The numbered lines of the newest message there, if it was a notice."""
        async with self.database.reading() as db:
            body = await outbox.last_notice(db, channel, address)
        return [button for button in (body or {}).get("buttons", ()) if not button.get("aside")]

    async def unasked(self, channel: str) -> tuple[int, datetime | None]:
        async with self.database.reading() as db:
            return await outbox.notices_since(db, channel, self.clock.now() - DAY)

    async def ticks(self, channel: str, state: str, letters: Sequence[tuple[int, str]]) -> None:
        reason = "the bridge could not deliver it" if state == "failed" else ""
        async with self.database.transaction() as db:
            await receipts.forward(
                db, channel, [Receipt(state, theirs, ours, reason) for ours, theirs in letters], self.clock.now()
            )

    async def lost(self, channel: str, word: str) -> None:
        """The team learns that the number is no longer connected, once a day."""
        now = self.clock.now()
        async with self.database.transaction() as db:
            by = system(self.languages, now)
            await tell_team(db, by, *disconnected(channel, word), purpose=f"{channel}:session:{now:%Y%m%d}")
        self.delivery.wake()
