"""Preparing a decision; /decisions: what was prepared, checked once more and told to many founders at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.actor import by_chat
from handlers.applications import actions, words
from handlers.applications.actions import Decision
from handlers.programme.model import Programme
from handlers.talk.kinds.choices import choice
from handlers.talk.kinds.text import text
from handlers.talk.question import Question, optional
from handlers.talk.talk import Talk
from handlers.talk.words import Text, UserText, _, lines, n_, paragraphs
from storage import Conflict, applications
from storage import decisions as prepared_decisions
from storage.applications import OPEN, Application
from storage.database import Db
from storage.decisions import PreparedDecision

OPTIONS: Mapping[str, tuple[Text, Decision]] = {
    "shortlisted": (_("Shortlist"), "shortlisted"),
    "interview": (_("Interview"), "interview"),
    "accepted": (_("Accept"), "accepted"),
    "conditions": (_("Accept with conditions"), "accepted"),
    "waitlisted": (_("Waiting list"), "waitlisted"),
    "not_selected": (_("Not this time"), "not_selected"),
}


async def decide(talk: Talk, db: Db, programme: Programme, application: Application) -> None:
    """Prepare a decision; nothing is told before /decisions releases it."""
    if application.status not in OPEN:
        talk.say(_("This application is closed."))
        return
    which = _("What is the decision on {ref}? It is only prepared, nothing is told yet.", ref=application.reference)
    option = await talk.ask("decision", choice(which, {id: label for id, (label, _decision) in OPTIONS.items()}))
    note = await talk.ask("words", _words(option, words.in_language(application))) or ""
    _label, decision = OPTIONS[option]
    try:
        await actions.prepare_decision(db, by_chat(talk), application, decision, note)
    except Conflict:
        talk.say(_("This application is closed."))
        return
    language = talk.languages.get(application.language) or talk.languages["fr"]
    told = words.told_status(programme, words.first_name(application), application.reference, decision, note)
    talk.say(lines([_("Prepared. The founder will read:"), UserText(language.say(told))]))
    talk.offer(_("Decisions to tell"), "/decisions")
    talk.offer(_("Next application"), "/queue")


def _words(option: str, language: Text) -> Question[Any]:
    match option:
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


async def decisions(talk: Talk, db: Db, programme: Programme) -> None:
    """/decisions: what is prepared, checked once more, and told together."""
    waiting = [
        prepared
        for prepared in await prepared_decisions.prepared(db, programme.programme)
        if prepared.application.person_id != talk.person.id
    ]
    if not waiting:
        talk.say(_("No decision is waiting to be told."))
        talk.offer(_("Applications to read"), "/queue")
        return
    talk.about(*(prepared.application.person_id for prepared in waiting))
    texts = [_prepared(programme, prepared) for prepared in waiting]
    places = programme.review.places if programme.review is not None else 0
    if places:
        accepted = (await applications.counts(db)).get("accepted", 0)
        accepted += sum(prepared.status == "accepted" for prepared in waiting)
        texts.append(_("With these, {n} of {places} places are given.", n=accepted, places=places))
    options = {
        "tell": n_("Tell {n} founder", "Tell {n} founders", len(waiting)),
        "drop": _("Take one back"),
        "/menu": _("Not now"),
    }
    if await talk.ask("what", choice(paragraphs(texts), options)) == "drop":
        by_reference = {prepared.application.reference: prepared for prepared in waiting}
        references = {reference: UserText(reference) for reference in by_reference}
        which = await talk.ask("which", choice(_("Which one?"), references))
        await actions.take_back_decision(db, by_chat(talk), by_reference[which])
        talk.say(_("Taken back: {ref} is undecided again.", ref=which))
        talk.offer(_("Decisions to tell"), "/decisions")
        return
    told = await actions.release_decisions(db, by_chat(talk), programme, waiting)
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


def _prepared(programme: Programme, prepared: PreparedDecision) -> Text:
    head = _(
        "{ref}: {status}, prepared by {name}",
        ref=prepared.application.reference,
        status=words.label(programme, prepared.status),
        name=prepared.prepared_by or "—",
    )
    return lines([head, _("“{words}”", words=UserText(prepared.words))]) if prepared.words else head
