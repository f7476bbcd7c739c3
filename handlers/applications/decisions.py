"""/decisions: what was decided, told to many founders at once."""

from __future__ import annotations

from typing import Any

from handlers.applications import words as reviewing
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.kinds.text import text
from handlers.talk.question import Question, optional
from handlers.talk.talk import Talk
from handlers.talk.words import IN_LANGUAGE, Text, UserText, _, lines, n_, paragraphs
from storage import Conflict, applications, reviews
from storage.applications import OPEN
from storage.database import Db


async def decide(talk: Talk, db: Db, programme: Programme, row: Any) -> None:
    """Prepare a decision; nothing is told before /decisions releases it."""
    if row.status not in OPEN:
        talk.say(_("This application is closed."))
        return
    options = {
        "shortlisted": _("Shortlist"),
        "interview": _("Interview"),
        "accepted": _("Accept"),
        "conditions": _("Accept with conditions"),
        "waitlisted": _("Waiting list"),
        "not_selected": _("Not this time"),
    }
    decided = await talk.ask(
        "decision",
        choice(
            _("What is the decision on {ref}? It is only prepared, nothing is told yet.", ref=row.reference), options
        ),
    )
    words = await talk.ask("words", _words(decided, IN_LANGUAGE.get(row.language, IN_LANGUAGE["fr"])))
    status = "accepted" if decided == "conditions" else decided
    try:
        await reviews.prepare(db, row.id, talk.person.id, status, words or "", talk.now)
    except Conflict:
        talk.say(_("This application is closed."))
        return
    name = str(row.answers.get("full_name") or "").split(" ")[0]
    tongue = talk.languages.get(row.language) or talk.languages["fr"]
    told = tongue.say(reviewing.told_status(programme, name, row.reference, status, words or ""))
    talk.say(lines([_("Prepared. The founder will read:"), UserText(told)]))
    talk.offer(_("Decisions to tell"), "/decisions")
    talk.offer(_("Next application"), "/queue")


def _words(decided: str, language: Text) -> Question[Any]:
    match decided:
        case "conditions":
            return text(
                _("Under which conditions? Please write {language}.", language=language), shortest=5, longest=800
            )
        case "not_selected":
            return text(
                _("For which reasons, and what could they do next? Please write {language}.", language=language),
                shortest=10,
                longest=800,
            )
    return optional(text(_("A word to the founder? Please write {language}.", language=language), longest=800))


def _prepared(programme: Programme, one: Any) -> Text:
    said = _(
        "{ref}: {status}, prepared by {name}",
        ref=one.reference,
        status=reviewing.label(programme, one.status),
        name=one.name or "—",
    )
    return lines([said, _("“{words}”", words=UserText(one.note))]) if one.note else said


async def decisions(talk: Talk, db: Db, programme: Programme) -> None:
    """/decisions: what is prepared, checked once more, and told together."""
    waiting = await reviews.prepared(db, programme.programme)
    if not waiting:
        talk.say(_("No decision is waiting to be told."))
        talk.offer(_("Applications to read"), "/queue")
        return
    talk.about(*(one.person_id for one in waiting))
    said = [_prepared(programme, one) for one in waiting]
    places = programme.review.places if programme.review is not None else 0
    if places:
        accepted = (await applications.counts(db)).get("accepted", 0) + sum(one.status == "accepted" for one in waiting)
        said.append(_("With these, {n} of {places} places are given.", n=accepted, places=places))
    options = {
        "tell": n_("Tell {n} founder", "Tell {n} founders", len(waiting)),
        "drop": _("Take one back"),
        "/menu": _("Not now"),
    }
    if await talk.ask("what", choice(paragraphs(said), options)) == "drop":
        which = await talk.ask(
            "which", choice(_("Which one?"), {one.reference: UserText(one.reference) for one in waiting})
        )
        one = next(one for one in waiting if one.reference == which)
        await reviews.drop(db, one.application_id, talk.person.id, talk.now)
        talk.say(_("Taken back: {ref} is undecided again.", ref=which))
        talk.offer(_("Decisions to tell"), "/decisions")
        return
    told = 0
    for one in waiting:
        if (status := await reviews.release(db, one.application_id, talk.person.id, talk.now)) is not None:
            told += await reviewing.tell_status(db, talk, programme, one, status, one.note)
    talk.say(n_("Told {n} founder, in their language.", "Told {n} founders, each in their language.", told))
    if told < len(waiting):
        talk.say(
            n_(
                "{n} could not be reached, or was withdrawn meanwhile.",
                "{n} could not be reached, or were withdrawn meanwhile.",
                len(waiting) - told,
            )
        )
    talk.offer(_("Applications to read"), "/queue")
