"""What is kept of WhatsApp: who somebody is, when they wrote last, what became of messages, and what the team must know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot import metrics
from bot.channels.base import Held, Later
from bot.channels.whatsapp.errors import rule
from bot.channels.whatsapp.updates import Moved, Sender, Status
from bot.clock import Clock
from bot.delivery.sender import Sender as Delivery
from bot.log import log
from handlers.actor import system
from handlers.notices.tell import tell_team
from handlers.notices.words import not_approved, refused_by_whatsapp
from handlers.talk.words import Language
from storage import Conflict, outbox, receipts, whatsapp
from storage.database import Database
from storage.receipts import Receipt
from storage.whatsapp import CHANNEL, Names

UNDELIVERABLE = 131026
TOLD_WITHIN = timedelta(minutes=3)


class WhatsAppRecords:
    """WhatsApp's books, in the database: the same for every process."""

    def __init__(self, database: Database, delivery: Delivery, clock: Clock, languages: Mapping[str, Language]) -> None:
        self.database = database
        self.delivery = delivery
        self.clock = clock
        self.languages = languages

    async def heard(self, sender: Sender, at: datetime) -> tuple[str, int]:
        """The address somebody is known by, made known if they are new; held messages that go to them now."""
        for last_try in (False, False, True):
            try:
                async with self.database.transaction() as db:
                    address, released = await whatsapp.heard(db, _names(sender), sender.name, at, self.clock.now())
                break
            except Conflict:  # they wrote twice at once, to two processes
                if last_try:
                    raise
        if released:
            self.delivery.wake()
        return address, released

    async def heard_at(self, address: str) -> datetime | None:
        async with self.database.reading() as db:
            return await whatsapp.heard_at(db, address)

    async def shut(self, address: str) -> None:
        async with self.database.transaction() as db:
            await whatsapp.shut(db, address)

    async def moved(self, moved: Moved) -> None:
        async with self.database.transaction() as db:
            await whatsapp.moved(db, _names(moved.before), _names(moved.after))

    async def prefers(self, address: str, wanted: bool, at: datetime) -> None:
        async with self.database.transaction() as db:
            if (person := await whatsapp.person_at(db, [address])) is not None:
                await whatsapp.prefer(db, person, wanted, at)

    async def unreachable(self, address: str, mark: str) -> bool:
        id = int(mark.partition(".")[0] or 0)
        async with self.database.reading() as db:
            return bool(id) and await receipts.failed_before(db, CHANNEL, address, id, str(UNDELIVERABLE))

    async def statuses(self, statuses: Sequence[Status]) -> None:
        """Letters move forward; what failed later is judged as if it had failed at once."""
        now = self.clock.now()
        for status in statuses:
            if status.billed and status.state == "delivered":
                metrics.billed.labels(status.billed).inc()
        told = [_receipt(status, now) for status in statuses if status.last]
        async with self.database.transaction() as db:
            failed = await receipts.forward(db, CHANNEL, told, now)
            for one in failed:
                code = int(one.reason.partition(" ")[0] or 0)
                address = await outbox.address_of(db, one.id)
                match rule(code).follows:
                    case "window":
                        await whatsapp.shut(db, address)
                    case "nobody" if await receipts.failed_before(db, CHANNEL, address, one.id, str(UNDELIVERABLE)):
                        await outbox.gone(db, CHANNEL, address, "undeliverable twice")
                    case "no_news":
                        if (person := await whatsapp.person_at(db, [address])) is not None:
                            await whatsapp.prefer(db, person, False, now)
        if any(one.again is not None for one in failed):
            self.delivery.wake()
        for code in {int(one.reason.partition(" ")[0] or 0) for one in failed}:
            if rule(code).follows in ("down", "look", "template"):
                await self.alarm(code)

    async def settle(self) -> None:
        """Send once more what is in doubt, if Meta has not told of it by now: it tells within seconds of what it took."""
        now = self.clock.now()
        async with self.database.transaction() as db:
            again = await receipts.doubt_again(db, CHANNEL, now - TOLD_WITHIN, now)
        if again:
            log.warning("letters in doubt are sent again", channel=CHANNEL, letters=again)
            self.delivery.wake()

    async def lacking(self, templates: Sequence[str]) -> None:
        """The team learns which notices Meta has not approved, once a day."""
        now = self.clock.now()
        async with self.database.transaction() as db:
            by = system(self.languages, now)
            await tell_team(db, by, *not_approved(templates), purpose=f"whatsapp:templates:{now:%Y%m%d}")
        self.delivery.wake()

    async def alarm(self, code: int) -> None:
        """The team learns that WhatsApp needs a human, once a day for each code."""
        now = self.clock.now()
        async with self.database.transaction() as db:
            by = system(self.languages, now)
            await tell_team(db, by, *refused_by_whatsapp(code), purpose=f"whatsapp:{code}:{now:%Y%m%d}")
        self.delivery.wake()


def _names(sender: Sender) -> Names:
    return Names(sender.phone, sender.user)


def _receipt(status: Status, now: datetime) -> Receipt:
    """A status as the outbox takes it; a failure that passes is tried once more."""
    if status.state != "failed":
        return Receipt(status.state, status.platform_id, status.letter)
    outcome = rule(status.code).outcome
    again = (
        now + timedelta(seconds=outcome.after)
        if isinstance(outcome, Later)
        else now
        if isinstance(outcome, Held)
        else None
    )
    return Receipt("failed", status.platform_id, status.letter, getattr(outcome, "reason", str(status.code)), again)
