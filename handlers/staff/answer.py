"""/answer 17: the team's answer to a founder, from the team's own chat."""

from __future__ import annotations

from handlers import notices
from handlers.programme.model import Programme
from handlers.talk.question import text
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage import Conflict, handoffs, people
from storage.database import Db


async def answer(talk: Talk, db: Db, programme: Programme) -> None:
    handoff = int(talk.argument) if talk.argument.isdigit() else 0
    found = await handoffs.one(db, handoff)
    if found is None or found.person_id is None or found.closed_at is not None:
        talk.say(_("This exchange has already ended."))
        return
    if found.answered_by and found.answered_by != talk.person.id:
        colleague = await people.name_of(db, found.answered_by)
        talk.say(_("{colleague} has already answered; you can add something.", colleague=colleague or _("A colleague")))
    words = await talk.ask("words", text(_("What would you like to answer?"), longest=3000))
    try:
        await handoffs.answered(db, handoff, talk.person.id, talk.now)
    except Conflict:
        talk.say(_("This exchange has already ended."))
        return
    await handoffs.listen(db, found.person_id, talk.now)
    sent = await notices.to_founder(db, talk, handoff, found.person_id, words)
    talk.say(_("Sent.") if sent else _("This founder cannot be reached on any channel just now; your answer was not sent."))
    talk.offer(_("End the exchange"), f"/end {handoff}")
    talk.offer(_("Answer again"), f"/answer {handoff}")
