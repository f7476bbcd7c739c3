"""/waiting: who waits for a session, and a place that has come free."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from handlers.actor import Actor
from handlers.coaching import slots
from handlers.coaching import words as coaching
from handlers.coaching.words import local, rules_of
from handlers.notices import quiet_hours
from handlers.notices import tell as notices
from handlers.programme.model import Programme
from handlers.talk.message import number_in
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage import waits
from storage.database import Db


async def held_slot(talk: Talk, db: Db) -> Any:
    """The slot of the waiting list that is kept for them, if they come to take it and it still is."""
    word, _space, number = talk.argument.partition(" ")
    if word != "offer" or not number_in(number):
        return None
    mine = [row for row in await waits.waits(db, talk.person.id) if row.id == number_in(number)]
    return mine[0] if mine and mine[0].until is not None and mine[0].until > talk.now else None


async def join_line(talk: Talk, db: Db, programme: Programme, topic: str) -> None:
    place = await waits.wait(db, talk.person.id, topic, talk.now)
    talk.say(
        _(
            "You are number {n} in the line for “{topic}”. As soon as a slot is free I write to you, and keep it for you for 30 minutes.",
            n=place,
            topic=coaching.topic(programme, topic),
        )
    )
    talk.offer(_("My place in the line"), "/waiting")
    talk.offer(_("Menu"), "/menu")


async def waiting(talk: Talk, db: Db, programme: Programme) -> None:
    """/waiting: one's place in each line; `pass 5` refuses an offer, `leave 5` leaves the line."""
    rows = {row.id: row for row in await waits.waits(db, talk.person.id)}
    word, _space, number = talk.argument.partition(" ")
    row = rows.get(number_in(number))
    if row is not None and word == "pass":
        await waits.let_go(db, talk.now, row.id)
        talk.say(_("No problem: the slot goes to the next person, and you stay in the line."))
        return
    if row is not None and word == "leave":
        await waits.leave(db, talk.person.id, row.topic)
        talk.say(_("Done: you are no longer in the line."))
        talk.offer(_("Book a session"), "/book")
        talk.offer(_("Menu"), "/menu")
        return
    if not rows:
        talk.say(_("You are in no waiting line."))
        talk.offer(_("Book a session"), "/book")
        talk.offer(_("Menu"), "/menu")
        return
    for row in rows.values():
        place = await waits.position(db, talk.person.id, row.topic)
        talk.say(_("“{topic}”: number {n} in the line.", topic=coaching.topic(programme, row.topic), n=place))
        talk.offer(_("Leave the line"), f"/waiting leave {row.id}")
    talk.offer(_("Menu"), "/menu")


OFFER = timedelta(minutes=30)  # how long a free slot is held for the next in line
OFFERS = 3  # unanswered, and somebody is no longer in the line


async def offer(db: Db, by: Actor, programme: Programme) -> int:
    """Give each free slot to the next in line, for half an hour; how many offers went out. Nobody is woken for one."""
    rules = rules_of(programme)
    now = by.now
    for founder, topic, stays in await waits.lapsed(db, now, OFFERS):
        if stays:
            await notices.tell(
                db,
                by,
                founder,
                _("The slot we held for you goes to the next person now. You stay in the line, at its end."),
            )
        else:
            gone = _(
                "The slot we held for you goes to the next person now, and you have left the line. You can join it again at any time."
            )
            await notices.tell(db, by, founder, gone, [(_("Book a session"), f"/book {topic}")])
    line = [row for row in await waits.waits(db) if row.until is None]
    if not line or quiet_hours.outside_quiet_hours(rules, programme.zone, now) != now:
        return 0
    count = 0
    given: set[tuple[int, datetime]] = set()
    anybody = await slots.calendar(db, programme, 0, now)
    for row in line:
        if not anybody.of(row.topic):
            continue
        found = await slots.calendar(db, programme, row.founder_id, now)
        open_ = [slot for slot in found.best(found.of(row.topic)) if (slot.coach, slot.starts_at) not in given]
        if not open_:
            continue
        slot = open_[0]
        if not await waits.hold(db, row.id, slot.coach, slot.starts_at, slot.place, now + OFFER):
            continue
        given.add((slot.coach, slot.starts_at))
        at = local(slot.starts_at, programme)
        text = _(
            "A slot is free for “{topic}”: {moment}, with {coach}. It is kept for you for {minutes} minutes.",
            topic=coaching.topic(programme, row.topic),
            moment=at,
            coach=found.coaches[slot.coach].name,
            minutes=int(OFFER.total_seconds() // 60),
        )
        buttons = [
            (_("Take it"), f"/book offer {row.id}"),
            (_("Not this one"), f"/waiting pass {row.id}"),
            (_("Leave the line"), f"/waiting leave {row.id}"),
        ]
        if not await notices.tell(
            db,
            by,
            row.founder_id,
            text,
            buttons,
            purpose=f"offer:{row.id}:{int(slot.starts_at.timestamp())}:{int(now.timestamp())}",
        ):
            await waits.let_go(db, now, row.id)
            continue
        count += 1
    return count
