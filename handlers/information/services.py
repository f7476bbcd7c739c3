"""/services: the six services, what they are, and the questions people really ask about them."""

from __future__ import annotations

from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.message import number_in
from handlers.talk.question import Option
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage.database import Db


async def services(talk: Talk, db: Db, programme: Programme) -> None:
    """`/services`, `/services hosting`, `/services hosting 2` for the second question about it."""
    wanted, _space, which = talk.argument.partition(" ")
    if wanted not in programme.services:
        options = [Option(id, service.name, tuple(service.words)) for id, service in programme.services.items()]
        wanted = await talk.ask(
            "which", choice(_("Here is what we offer. What would you like to know more about?"), options)
        )
    service = programme.services[wanted]
    if 0 < number_in(which) <= len(service.questions):
        talk.say(
            programme.say(service.questions[number_in(which) - 1].ask),
            programme.say(service.questions[number_in(which) - 1].answer),
        )
    else:
        talk.say(programme.say(service.answer))
        if service.until_open is not None and programme.site != "open":
            talk.say(programme.say(service.until_open))
    for at, entry in enumerate(service.questions, 1):
        if str(at) != which and entry.label is not None:
            talk.offer(entry.label, f"/services {wanted} {at}")
    talk.offer(_("Am I eligible?"), "/eligibility")
    talk.offer(_("Other services"), "/services")
    talk.offer(_("Menu"), "/menu")
