"""What the clock does for those who wait for a session: each free slot is offered to the next in line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers import waiting
from handlers.actor import Actor
from handlers.coaching import commands, slots, words
from handlers.coaching.words import local, rules_of
from handlers.notices.quiet_hours import outside_quiet_hours
from handlers.notices.tell import Notice
from handlers.programme.model import Programme
from handlers.talk.words import Text, _
from handlers.waiting import HELD_FOR, Offer, Round
from storage import coaches
from storage.database import Db
from storage.waits import COACHING, Held, Line, Wait


async def hand_out(db: Db, clock: Actor, programme: Programme) -> int:
    """A round of offers; how many went out."""
    return len((await offer(db, clock, programme)).offered)


async def offer(db: Db, clock: Actor, programme: Programme) -> Round:
    """Take back what nobody answered, and offer what is free. Nobody is woken for an offer."""
    await waiting.lapse(db, clock, COACHING, lost)
    if outside_quiet_hours(rules_of(programme), programme.zone, clock.now) != clock.now:
        return Round()
    return await waiting.offer(db, clock, COACHING, _FreeSlots(db, programme, clock.now).of)


def lost(line: Line, stays: bool) -> Notice:
    """What is said to somebody who did not answer an offer."""
    if stays:
        return Notice(_("The slot we held for you goes to the next person now. You stay in the line, at its end."))
    gone = _(
        "The slot we held for you goes to the next person now, and you have left the line. You can join it again at any time."
    )
    return Notice(gone, [(_("Book a session"), commands.book(line.what))])


@dataclass(slots=True)
class _FreeSlots:
    """The slots of one round."""

    db: Db
    programme: Programme
    now: datetime
    anybody: slots.Calendar | None = None  # what is not free for anybody when the round begins is free for nobody

    async def of(self, wait: Wait, until: datetime) -> Offer | None:
        """The first slot that somebody could take; nobody else takes it before the end of the transaction."""
        if self.anybody is None:
            self.anybody = await slots.calendar(self.db, self.programme, 0, self.now)
        topic = wait.line.what
        if not self.anybody.of(topic):
            return None
        calendar = await self._calendar(wait)
        slot = next(iter(calendar.best(calendar.of(topic))), None)
        if slot is None:
            return None
        await coaches.lock(self.db, slot.coach)
        if slot not in (await self._calendar(wait)).of(topic):
            return None  # booked in this very moment
        notice = offered(self.programme, wait, slot, calendar.coaches[slot.coach].name)
        return Offer(Held(until, slot.coach, slot.starts_at, slot.place), notice)

    async def _calendar(self, wait: Wait) -> slots.Calendar:
        return await slots.calendar(self.db, self.programme, wait.person, self.now, for_offer=True)


def offered(programme: Programme, wait: Wait, slot: slots.Slot, coach: str) -> Notice:
    """How a slot is offered."""
    text = _(
        "A slot is free for “{topic}”: {moment}, with {coach}. It is kept for you for {minutes} minutes.",
        topic=words.topic(programme, wait.line.what),
        moment=local(slot.starts_at, programme),
        coach=coach,
        minutes=int(HELD_FOR.total_seconds() // 60),
    )
    buttons: list[tuple[Text, str]] = [
        (_("Take it"), commands.take_offer(wait.id)),
        (_("Not this one"), commands.waiting("pass", wait.id)),
        (_("Leave the line"), commands.waiting("leave", wait.id)),
    ]
    return Notice(text, buttons)


def notices(programme: Programme) -> list[Notice]:
    """Each of them, with samples for its parts; none without coaching."""
    if programme.coaching is None:
        return []
    moment = datetime(2026, 11, 26, 10, 0, tzinfo=programme.zone)
    line = Line(COACHING, next(iter(programme.topics), ""))
    free = offered(programme, Wait(5, 1, line, moment, 0, None), slots.Slot(1, moment, "site"), "Karim Alaoui")
    return [lost(line, True), lost(line, False), free]
