"""/feedback: how a session was."""

from __future__ import annotations

from handlers.actor import by_chat
from handlers.coaching import actions, commands
from handlers.programme.model import Programme
from handlers.talk.kinds.text import text
from handlers.talk.question import optional
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage import sessions
from storage.database import Db


async def feedback(talk: Talk, db: Db, programme: Programme) -> None:
    """`/feedback 17 4`: how a session was, from 1 to 5; then, with the rating kept, a comment if they like."""
    number, rating = commands.feedback_of(talk.argument)
    session = await sessions.one(db, number)
    if session is None or session.founder_id != talk.person.id or session.starts_at > talk.now:
        talk.say(_("I do not know this session."))
        return
    if rating:
        await actions.rate(db, by_chat(talk), programme, session.id, rating)
        talk.go(commands.comment(session.id))
        return
    comment = await talk.ask("comment", optional(text(_("Thank you! Would you like to add a comment?"), longest=600)))
    if comment:
        await actions.comment(db, by_chat(talk), programme, session.id, comment)
    talk.say(_("Thank you, this helps us improve."))
    if session.steps:
        talk.say(_("Your next steps: {words}", words=session.steps))
    talk.offer(_("Book a session"), "/book")
    talk.offer(_("Menu"), "/menu")
