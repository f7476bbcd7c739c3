"""/desk: founders who wait for a person; /take 17; /answer 17: the team's answer, from the team's own chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from handlers.exchanges.messages import to_founder
from handlers.notices import tell as notices
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.kinds.text import text
from handlers.talk.message import Json, number_in
from handlers.talk.question import Option, Question, Reply, Stale
from handlers.talk.talk import Talk
from handlers.talk.words import IN_LANGUAGE, Text, UserText, _, lines, n_
from storage import Conflict, exchanges, people, talks
from storage.database import Db

LONGEST = 3000
SLACK = timedelta(seconds=10)  # the message that opened an exchange is a little older than it


async def desk(talk: Talk, db: Db, programme: Programme) -> None:
    rows = await exchanges.open_ones(db)
    if not rows:
        talk.say(_("Nobody waits for a person."))
        return
    talk.about(*(row.person_id for row in rows))
    said = [_line(talk, row) for row in rows]
    options = [
        Option(f"/answer {row.id}", _("No. {n}", n=row.id)) for row in rows if row.taken_by in (None, talk.person.id)
    ]
    options.append(Option("/menu", _("Menu")))
    waiting = sum(row.answered_at is None for row in rows)
    head = n_("{n} founder waits for a first answer.", "{n} founders wait for a first answer.", waiting)
    await talk.ask("which", choice(lines([head, *said, _("Whom would you like to answer?")]), options))


def _line(talk: Talk, row: Any) -> Text:
    who: Text = UserText(row.name) if row.name else _("a founder")
    minutes = int((talk.now - row.opened_at).total_seconds() // 60)
    since = n_("{n} minute", "{n} minutes", minutes) if minutes < 120 else n_("{n} hour", "{n} hours", minutes // 60)
    if row.taken_by is None and row.answered_at is None:
        return _("• No. {n}: {who}, waiting for {since}", n=row.id, who=who, since=since)
    taker = UserText(row.taker) if row.taker else _("a colleague")
    return _("• No. {n}: {who}, for {since}; {taker} is on it", n=row.id, who=who, since=since, taker=taker)


async def take(talk: Talk, db: Db, programme: Programme) -> None:
    """Take an exchange on: the others see that, and need not."""
    handoff = number_in(talk.argument)
    found = await exchanges.one(db, handoff)
    if found is None or not await exchanges.take(db, handoff, talk.person.id, talk.now):
        taker = (
            await people.name_of(db, found.taken_by)
            if found is not None and found.taken_by and found.closed_at is None
            else ""
        )
        talk.say(
            _("{colleague} is on it already.", colleague=taker) if taker else _("This exchange has already ended.")
        )
        return
    told = _("{name} has taken no. {n}.", name=talk.person.first_name or _("A colleague"), n=handoff)
    await notices.tell_team(db, talk, told, purpose=f"taken:{handoff}:{talk.person.id}", but={talk.person.id})
    talk.say(_("It is yours. Your colleagues have been told."))
    talk.offer(_("Answer"), f"/answer {handoff}")
    talk.offer(_("End the exchange"), f"/end {handoff}")


async def answer(talk: Talk, db: Db, programme: Programme) -> None:
    handoff = number_in(talk.argument)
    found = await exchanges.one(db, handoff)
    if found is None or found.person_id is None or found.closed_at is not None:
        talk.say(_("This exchange has already ended."))
        return
    talk.about(found.person_id)
    if found.taken_by and found.taken_by != talk.person.id:
        colleague = await people.name_of(db, found.taken_by)
        talk.say(_("{colleague} has already answered; you can add something.", colleague=colleague or _("A colleague")))
    language = await people.language_of(db, found.person_id)
    talk.say(*await _context(db, found))
    words = await talk.ask("words", _answer(programme, language))
    if not words.startswith("="):
        canned = programme.say(programme.team.answers[words].text)
        words = f"={(talk.languages.get(language) or talk.languages['fr']).say(canned)}"
    try:
        await exchanges.answered(db, handoff, talk.person.id, talk.now)
    except Conflict:
        talk.say(_("This exchange has already ended."))
        return
    await talks.listen(db, found.person_id, talk.now)
    sent = await to_founder(db, talk, handoff, found.person_id, words[1:])
    talk.say(
        _("Sent.") if sent else _("This founder cannot be reached on any channel just now; your answer was not sent.")
    )
    talk.offer(_("End the exchange"), f"/end {handoff}")
    talk.offer(_("Answer again"), f"/answer {handoff}")


async def _context(db: Db, found: Any) -> list[Text]:
    """What the founder wrote last, so that nobody answers blind."""
    lately = await exchanges.wrote(db, found.person_id, found.opened_at - SLACK)
    return [lines([_("They wrote:"), *(UserText(said[:300]) for said in lately)])] if lately else []


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
        own, read=read, load=load, show=show, options=tuple(Option(id, one.label) for id, one in canned.items())
    )
