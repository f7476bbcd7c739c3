"""/faq: the questions people ask, as a list; typed freely they are found at any moment (handlers/information/search.py)."""

from __future__ import annotations

from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.message import number_in
from handlers.talk.question import Option
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage.database import Db


async def faq(talk: Talk, db: Db, programme: Programme) -> None:
    """`/faq` lists the questions, `/faq 3` answers the third."""
    wanted = talk.argument
    if not 0 < number_in(wanted) <= len(programme.faq):
        options = [
            Option(str(at), entry.label or entry.ask, tuple(entry.words)) for at, entry in enumerate(programme.faq, 1)
        ]
        wanted = await talk.ask(
            "which",
            choice(_("What would you like to know? You can also write your question in your own words."), options),
        )
    entry = programme.faq[number_in(wanted) - 1]
    talk.say(programme.say(entry.ask), programme.say(entry.answer))
    talk.offer(_("Other questions"), "/faq")
    talk.offer(_("Talk to the team"), "/human")
    talk.offer(_("Menu"), "/menu")
