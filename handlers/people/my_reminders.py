"""/reminders: what I will send you, and when; /hush: no more of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers.actor import by_chat
from handlers.notices.reminders import Kinds
from handlers.people import actions
from handlers.programme.model import Programme
from handlers.talk.message import number_in
from handlers.talk.talk import Talk
from handlers.talk.words import _, lines
from storage import reminders
from storage.database import Db


def upcoming(kinds: Kinds) -> Callable[[Talk, Db, Programme], Awaitable[None]]:
    """/reminders: what I will send you, and when."""

    async def show(talk: Talk, db: Db, programme: Programme) -> None:
        planned = [row for row in await reminders.waiting(db, talk.person.id) if row.kind in kinds]
        if not planned:
            talk.say(_("Nothing is planned: I will send you nothing unasked."))
            return
        listed = [
            _("• {moment}: {what}", moment=row.due_at.astimezone(programme.zone), what=kinds[row.kind].label)
            for row in planned[:12]
        ]
        talk.say(lines([_("What I will send you, and when:"), *listed]))

    return show


def mute(kinds: Kinds) -> Callable[[Talk, Db, Programme], Awaitable[None]]:
    """`/hush draft 12`: no more reminders of this."""

    async def mute_one(talk: Talk, db: Db, programme: Programme) -> None:
        kind, _space, number = talk.argument.partition(" ")
        await actions.mute_reminder(db, by_chat(talk), kinds, kind, number_in(number))
        talk.say(_("Done: I will not remind you of this again."))
        talk.offer(_("Menu"), "/menu")

    return mute_one
