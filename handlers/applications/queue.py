"""/queue: the applications that somebody has still to read, in their sectors."""

from __future__ import annotations

from handlers import rights
from handlers.applications import commands, words
from handlers.eligibility.questions import options_of
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice, several
from handlers.talk.question import Option
from handlers.talk.talk import Talk
from handlers.talk.words import Text, UserText, _, lines, n_, paragraphs
from storage import reviews
from storage.database import Db
from storage.reviews import Unread

SHOWN = 8  # applications in one message


async def queue(talk: Talk, db: Db, programme: Programme) -> None:
    """What waits to be read, least reviewed first, then by the day the founder was promised an answer."""
    sectors = await _my_sectors(talk, programme)
    unread = [
        row
        for row in await reviews.queue(db, programme.programme, talk.person.id)
        if rights.concerns(row.application.answers, sectors)
    ]
    if not unread:
        talk.say(_("Nothing waits for you: you have read every open application."))
        talk.offer(_("My sectors"), "/queue sectors")
        talk.offer(_("Menu"), "/menu")
        return
    first = unread[:SHOWN]
    talk.about(*(row.application.person_id for row in first))
    head = n_("{n} application waits to be read.", "{n} applications wait to be read.", len(unread))
    cards = [_card(talk, programme, row) for row in first]
    references = [row.application.reference for row in first]
    options = [Option(commands.file(reference), UserText(reference)) for reference in references]
    await talk.ask(
        "which",
        choice(
            paragraphs([head, *cards, _("Which one would you like to open?")]),
            [*options, Option("/queue sectors", _("My sectors"))],
        ),
    )


def _card(talk: Talk, programme: Programme, row: Unread) -> Text:
    card = words.card(programme, row.application, row.reviews)
    late = row.application.promised_on < talk.today
    return lines([card, _("The promised day has passed.")]) if late else card


async def _my_sectors(talk: Talk, programme: Programme) -> list[str]:
    """What this reviewer reads; asked once, and again with /queue sectors."""
    check = programme.eligibility.questions.get("sector")
    if check is None:
        return []
    kept = talk.person.profile.get(rights.SECTORS)
    if isinstance(kept, list) and talk.argument != "sectors":
        return rights.sectors_of(talk.person.profile)
    which = _("Which sectors do you review?")
    mine: list[str] = []
    if await talk.ask("sectors", choice(which, {"all": _("All of them"), "some": _("Some of them")})) == "some":
        mine = await talk.ask("chosen", several(which, options_of(check.options)), known=kept or None)
    talk.person.remember(review_sectors=[*mine])
    return mine
