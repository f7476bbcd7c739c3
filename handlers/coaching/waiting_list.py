"""/waiting: one's place in each line, and the answers to what is held for them."""

from __future__ import annotations

from handlers.actor import by_chat
from handlers.coaching import actions, commands, words
from handlers.programme.model import Programme
from handlers.talk.talk import Talk
from handlers.talk.words import _
from storage import waits
from storage.database import Db


async def waiting(talk: Talk, db: Db, programme: Programme) -> None:
    """/waiting: one's place in each line; `pass 5` refuses an offer, `leave 5` leaves the line."""
    mine = [wait for wait in await waits.of_person(db, talk.person.id) if wait.line.room == waits.COACHING]
    wish, number = commands.wish_of(talk.argument)
    wait = next((wait for wait in mine if wait.id == number), None)
    if wait is not None and wish == "pass" and await actions.refuse_offer(db, by_chat(talk), programme, wait.id):
        talk.say(_("No problem: the slot goes to the next person, and you stay in the line."))
        return
    if wait is not None and wish == "leave":
        await actions.leave_line(db, by_chat(talk), programme, wait.id)
        talk.say(_("Done: you are no longer in the line."))
        talk.offer(_("Book a session"), "/book")
        talk.offer(_("Menu"), "/menu")
        return
    if not mine:
        talk.say(_("You are in no waiting line."))
        talk.offer(_("Book a session"), "/book")
        talk.offer(_("Menu"), "/menu")
        return
    for wait in mine:
        position = await waits.position(db, talk.person.id, wait.line)
        topic = words.topic(programme, wait.line.what)
        talk.say(_("“{topic}”: number {n} in the line.", topic=topic, n=position))
        talk.offer(_("Leave the line"), commands.waiting("leave", wait.id))
    talk.offer(_("Menu"), "/menu")
