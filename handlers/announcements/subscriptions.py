"""/stop and /news: whether a founder receives announcements, and of which topics."""

from __future__ import annotations

from handlers.actor import by_chat
from handlers.announcements.actions import unsubscribe
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import several
from handlers.talk.talk import Talk
from handlers.talk.words import Listed, _
from storage.audiences import NEWS, NOT
from storage.database import Db


async def stop(talk: Talk, db: Db, programme: Programme) -> None:
    """/stop: no more announcements; messages about applications and bookings go on."""
    if NEWS in talk.person.agreed:
        talk.person.agree(NEWS, False, programme.consent.version)
        await unsubscribe(db, by_chat(talk))
    talk.say(STOPPED)


STOPPED = _(
    "Done: you will no longer receive our announcements. Messages about your application and bookings continue. To subscribe again, write “news”."
)


async def news(talk: Talk, db: Db, programme: Programme) -> None:
    """/news: announcements again, and of which kind."""
    topics = programme.announcements.topics if programme.announcements is not None else {}
    fresh = NEWS not in talk.person.agreed
    if fresh:
        talk.person.agree(NEWS, True, programme.consent.version)
    if not topics or (fresh and not talk.argument):
        talk.say(_("Done: you will receive our announcements. To stop them, write “stop”."))
        if topics:
            talk.offer(_("Choose my announcements"), "/news")
        return
    now = [id for id in topics if f"{NOT}{id}" not in talk.person.agreed]
    options = {**topics, "none": _("None of them")}
    chosen = await talk.ask(
        "topics",
        several(_("Which announcements would you like to receive?"), options, most=len(options)),
        known=[*now] or None,
    )
    wanted = set() if "none" in chosen else set(chosen)
    if not wanted:
        talk.person.agree(NEWS, False, programme.consent.version)
        await unsubscribe(db, by_chat(talk))
        talk.say(STOPPED)
        return
    await unsubscribe(db, by_chat(talk), set(topics) - wanted)
    for id in topics:
        if (id in wanted) == (f"{NOT}{id}" in talk.person.agreed):
            talk.person.agree(f"{NOT}{id}", id not in wanted, programme.consent.version)
    talk.say(
        _(
            "Done: from now on you receive: {topics}.",
            topics=Listed(tuple(label for id, label in topics.items() if id in wanted)),
        )
    )
