"""/desk: founders who wait for a person; /take 17; /answer 17: the team's answer, from the team's own chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.actor import by_chat
from handlers.exchanges import actions, commands
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.kinds.text import text
from handlers.talk.message import Json, number_in
from handlers.talk.question import Option, Question, Reply, Stale
from handlers.talk.talk import Talk
from handlers.talk.words import IN_LANGUAGE, Text, UserText, _, lines, n_
from storage import exchanges, people
from storage.database import Db
from storage.exchanges import OpenExchange

LONGEST = 3000
SLACK = timedelta(seconds=10)  # the message that opened an exchange is a little older than it
_ENDED = _("This exchange has already ended.")


async def desk(talk: Talk, db: Db, programme: Programme) -> None:
    rows = await exchanges.open_ones(db)
    if not rows:
        talk.say(_("Nobody waits for a person."))
        return
    talk.about(*(row.person_id for row in rows))
    listed = [_line(talk, row) for row in rows]
    options = [
        Option(commands.answer(row.id), _("No. {n}", n=row.id))
        for row in rows
        if row.taken_by in (None, talk.person.id)
    ]
    options.append(Option("/menu", _("Menu")))
    waiting = sum(row.answered_at is None for row in rows)
    head = n_("{n} founder waits for a first answer.", "{n} founders wait for a first answer.", waiting)
    await talk.ask("which", choice(lines([head, *listed, _("Whom would you like to answer?")]), options))


def _line(talk: Talk, row: OpenExchange) -> Text:
    who: Text = UserText(row.name) if row.name else _("a founder")
    minutes = int((talk.now - row.opened_at).total_seconds() // 60)
    since = n_("{n} minute", "{n} minutes", minutes) if minutes < 120 else n_("{n} hour", "{n} hours", minutes // 60)
    if row.taken_by is None and row.answered_at is None:
        return _("• No. {n}: {who}, waiting for {since}", n=row.id, who=who, since=since)
    taker = UserText(row.taker) if row.taker else _("a colleague")
    return _("• No. {n}: {who}, for {since}; {taker} is on it", n=row.id, who=who, since=since, taker=taker)


async def take(talk: Talk, db: Db, programme: Programme) -> None:
    """Take an exchange on: the others see that, and need not."""
    exchange = number_in(talk.argument)
    try:
        await actions.take(db, by_chat(talk), exchange)
    except actions.Ended:
        talk.say(_ENDED)
        return
    except actions.Taken as taken:
        talk.say(_("{colleague} is on it already.", colleague=taken.colleague or _("A colleague")))
        return
    talk.say(_("It is yours. Your colleagues have been told."))
    talk.offer(_("Answer"), commands.answer(exchange))
    talk.offer(_("End the exchange"), commands.end(exchange))


async def answer(talk: Talk, db: Db, programme: Programme) -> None:
    exchange = await exchanges.one(db, number_in(talk.argument))
    if exchange is None or exchange.person_id is None or exchange.closed_at is not None:
        talk.say(_ENDED)
        return
    talk.about(exchange.person_id)
    if exchange.taken_by and exchange.taken_by != talk.person.id:
        colleague = await people.name_of(db, exchange.taken_by)
        talk.say(_("{colleague} has already answered; you can add something.", colleague=colleague or _("A colleague")))
    language = await people.language_of(db, exchange.person_id)
    talk.say(*await _context(db, exchange.person_id, exchange.opened_at - SLACK))
    words = await talk.ask("words", _answer(programme, language))
    if not words.startswith("="):
        canned = programme.say(programme.team.answers[words].text)
        words = f"={(talk.languages.get(language) or talk.languages['fr']).say(canned)}"
    try:
        reached = await actions.answer(db, by_chat(talk), exchange.id, words[1:])
    except actions.Ended:
        talk.say(_ENDED)
        return
    talk.say(
        _("Sent.")
        if reached
        else _("This founder cannot be reached on any channel just now; your answer was not sent.")
    )
    talk.offer(_("End the exchange"), commands.end(exchange.id))
    talk.offer(_("Answer again"), commands.answer(exchange.id))


async def _context(db: Db, founder: int, since: datetime) -> list[Text]:
    """What the founder wrote last, so that nobody answers blind."""
    lately = await exchanges.wrote(db, founder, since)
    return [lines([_("They wrote:"), *(UserText(words[:300]) for words in lately)])] if lately else []


def _answer(programme: Programme, language: str) -> Question[str]:
    """Own words, kept behind "=", or one of the answers the team gives often."""
    ask = _(
        "What would you like to answer? The founder reads you best {language}.",
        language=IN_LANGUAGE.get(language, IN_LANGUAGE["fr"]),
    )
    own, canned = text(ask, longest=LONGEST), programme.team.answers

    def read(heard: Reply) -> str:
        return heard.value if heard.value in canned else f"={own.read(heard)}"

    def load(kept: Json) -> str:
        if isinstance(kept, str) and (kept.startswith("=") or kept in canned):
            return kept
        raise Stale

    def show(kept: str) -> Text:
        return UserText(kept[1:]) if kept.startswith("=") else canned[kept].label

    return replace(
        own, read=read, load=load, show=show, options=tuple(Option(id, kept.label) for id, kept in canned.items())
    )
