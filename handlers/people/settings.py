"""/settings, /privacy, /news, /stop: the language, the announcements, and what a person may do with their own data."""

from __future__ import annotations

from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.talk import Talk
from handlers.talk.words import OWN_NAMES, Verbatim, _, lines
from storage.audiences import NEWS
from storage.database import Db


async def settings(talk: Talk, db: Db, programme: Programme) -> None:
    options = {
        "/language": _("Change language"),
        **({"/stop": _("Stop announcements")} if NEWS in talk.person.agreed else {}),
        "/news": _("Choose my announcements") if NEWS in talk.person.agreed else _("Receive announcements"),
        "/reminders": _("What will you send me?"),
        "/link": _("My apps"),
        "/privacy": _("My data"),
        "/menu": _("Menu"),
    }
    now = _("Language: {language}.", language=Verbatim(OWN_NAMES.get(talk.person.language, "Français")))
    await talk.ask("what", choice(lines([now, _("What would you like to change?")]), options))
