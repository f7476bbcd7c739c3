"""/reminders: what I will send you, and when; /hush: no more of it."""

from __future__ import annotations

from handlers.coaching.words import local
from handlers.programme.model import Programme
from handlers.talk.message import number_in
from handlers.talk.talk import Talk
from handlers.talk.words import Text, _, lines
from storage import reminders
from storage.database import Db


async def upcoming(talk: Talk, db: Db, programme: Programme) -> None:
    """/reminders: what I will send you, and when."""
    rows = await reminders.waiting(db, talk.person.id)
    if not rows:
        talk.say(_("Nothing is planned: I will send you nothing unasked."))
        return
    talk.say(
        lines(
            [
                _("What I will send you, and when:"),
                *(
                    _("• {moment}: {what}", moment=local(row.due_at, programme), what=_WHAT[row.kind])
                    for row in rows[:12]
                ),
            ]
        )
    )


_WHAT: dict[str, Text] = {
    "day": _("a reminder of your session of the next day"),
    "hour": _("a reminder an hour before your session"),
    "feedback": _("a question on how the session was"),
    "agenda": _("your agenda of the day"),
    "tomorrow": _("your agenda of the next day"),
    "draft": _("a word about the application you have not sent"),
    "missing": _("a word about documents that are missing"),
    "asked": _("a word about what the team asks you for"),
    "no_news": _("news of your application, if there is no answer by then"),
}


async def hush(talk: Talk, db: Db, programme: Programme) -> None:
    """`/hush draft 12`: no more reminders of this."""
    kind, _space, number = talk.argument.partition(" ")
    if kind in ("draft", "missing") and number_in(number):
        await reminders.hush(db, talk.person.id, kind, number_in(number))
    talk.say(_("Done: I will not remind you of this again."))
    talk.offer(_("Menu"), "/menu")
