"""/human: talk to the team. Each message goes to their chat; the bot stays quiet until either side ends it."""

from __future__ import annotations

from dataclasses import replace

from handlers.actor import by_chat
from handlers.exchanges import actions
from handlers.programme.model import Programme
from handlers.rights import Act, may
from handlers.talk.kinds.text import text
from handlers.talk.message import number_in
from handlers.talk.question import Question
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage.database import Db


def _listening() -> Question[str]:
    return replace(
        text(_("Write your message to the team. Everything you write here goes to them."), longest=2000), open="all"
    )


async def human(talk: Talk, db: Db, programme: Programme) -> None:
    words = await talk.ask("said", _listening())
    delivered = await actions.write(db, by_chat(talk), words)
    talk.person.exchange = delivered.exchange
    if delivered.first:
        talk.say(programme.say(programme.texts.handover))
        if not delivered.reached:
            talk.say(_("Nobody of the team is connected to this chat yet; your message is kept for them."))
        talk.offer(_("End the exchange"), "/end")
    talk.stay()


async def end(talk: Talk, db: Db, programme: Programme) -> None:
    """`/end`: the founder ends it. `/end 17`: the team does."""
    exchange = number_in(talk.argument) if may(talk.person.roles, Act.ANSWER_FOUNDERS) else 0
    try:
        if exchange:
            await actions.end(db, by_chat(talk), exchange)
            talk.say(_("The exchange is ended; the assistant takes over again."))
            return
        talk.person.exchange = 0
        await actions.leave(db, by_chat(talk))
        talk.say(_("The exchange with the team is ended. I am here again."))
    except actions.Ended:
        talk.say(_("This exchange has already ended."))
