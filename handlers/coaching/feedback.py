"""/feedback: how a session was."""

from __future__ import annotations

from handlers.programme.model import Programme
from handlers.talk.kinds.text import text
from handlers.talk.message import number_in
from handlers.talk.question import optional
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage import sessions as bookings
from storage.database import Db


async def feedback(talk: Talk, db: Db, programme: Programme) -> None:
    """`/feedback 17 4`: how a session was, from 1 to 5, and a comment if they like."""
    number, _space, said = talk.argument.partition(" ")
    session = await bookings.one(db, number_in(number))
    if session is None or session.founder_id != talk.person.id or session.starts_at > talk.now:
        talk.say(_("I do not know this session."))
        return
    if said in ("1", "2", "3", "4", "5"):
        await bookings.write(db, session.id, talk.now, rating=int(said))
    comment = await talk.ask("comment", optional(text(_("Thank you! Would you like to add a comment?"), longest=600)))
    if comment:
        await bookings.write(db, session.id, talk.now, feedback=comment)
    talk.say(_("Thank you, this helps us improve."))
    if session.steps:
        talk.say(_("Your next steps: {words}", words=session.steps))
    talk.offer(_("Book a session"), "/book")
    talk.offer(_("Menu"), "/menu")
