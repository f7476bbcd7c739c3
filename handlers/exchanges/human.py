"""/human: talk to the team. Each message goes to their chat; the bot stays quiet until either side ends it."""

from __future__ import annotations

from handlers.exchanges.messages import handoff_ended, to_team
from handlers.notices import tell as notices
from handlers.programme.model import Programme
from handlers.rights import Act, may
from handlers.talk.kinds.text import text
from handlers.talk.message import number_in
from handlers.talk.question import Question
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage import exchanges, talks
from storage.database import Db


def _listening() -> Question[str]:
    from dataclasses import replace

    return replace(
        text(_("Write your message to the team. Everything you write here goes to them."), longest=2000), open="all"
    )


async def human(talk: Talk, db: Db, programme: Programme) -> None:
    words = await talk.ask("said", _listening())
    first = not talk.person.handoff
    talk.person.handoff = await exchanges.begin(db, talk.person.id, talk.now)
    before = await exchanges.lately(db, talk.person.id) if first else []
    reached = await to_team(db, talk, talk.person.handoff, words, before)
    if first:
        talk.say(programme.say(programme.texts.handover))
        if not reached:
            talk.say(_("Nobody of the team is connected to this chat yet; your message is kept for them."))
        talk.offer(_("End the exchange"), "/end")
    talk.stay()


async def end(talk: Talk, db: Db, programme: Programme) -> None:
    """`/end`: the founder ends it. `/end 17`: the team does."""
    staff = number_in(talk.argument) > 0 and may(talk.person.roles, Act.ANSWER_FOUNDERS)
    handoff = number_in(talk.argument) if staff else talk.person.handoff
    found = await exchanges.one(db, handoff) if handoff else None
    if found is None or not await exchanges.end(db, handoff, talk.now):
        talk.say(_("This exchange has already ended."))
        return
    if staff and found.person_id is not None:
        await talks.hush(db, found.person_id)
        await handoff_ended(db, talk, found.person_id)
        talk.say(_("The exchange is ended; the assistant takes over again."))
    else:
        talk.person.handoff = 0
        await notices.tell_team(db, talk, _("The founder has ended the exchange."), purpose=f"ended:{handoff}")
        talk.say(_("The exchange with the team is ended. I am here again."))
