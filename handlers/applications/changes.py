"""/changes ABC-2026-0042: the items the team asked a founder to change, and only those."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.applications import form, requirements
from handlers.applications import words as reviewing
from handlers.programme.model import Programme
from handlers.talk.question import Question
from handlers.talk.talk import Talk
from handlers.talk.words import Joined, UserText, _, lines
from storage import Conflict, applications, reviews
from storage.database import Db


async def changes(talk: Talk, db: Db, programme: Programme) -> None:
    row = await applications.current(db, talk.person.id, programme.programme)
    asked = await requirements.waiting(db, programme, row.id) if row is not None else []
    if row is None or not asked:
        talk.say(_("Nothing is asked of you any more: your file is with the team."))
        talk.offer(_("Track my application"), "/track")
        return
    answers: dict[str, Any] = {}
    documents: list[tuple[str, str, str]] = []
    later: list[Any] = []
    for at, item in enumerate(asked, 1):
        talk.heading(_("{n} of {all}", n=at, all=len(asked)) if len(asked) > 1 else None)
        question = _question(programme, row.applicant, item)
        given = await talk.ask(item.item, question, known=row.answers.get(item.item))
        if item.item not in programme.form.documents:
            answers[item.item] = question.keep(given)
        elif given:
            documents += [(item.item, one.id, one.name) for one in given]
        else:
            later.append(item)
    talk.heading(None)
    if len(later) == len(asked):
        talk.say(_("No problem: you can answer until {day}.", day=later[-1].until))
        talk.offer(_("Answer the team"), "/changes")
        return
    there = {*await applications.documents(db, row.id), *(document for document, _id, _name in documents)}
    complete = not requirements.missing(programme, row.applicant, there)
    try:
        await reviews.answer(db, row.id, talk.person.id, answers, documents, complete, talk.now)
    except Conflict:
        talk.say(_("Your application has been closed meanwhile, so nothing was changed."))
        return
    await reviewing.tell_changes(
        db, talk, programme, row, talk.person.id, {item.id for item in asked if item not in later}
    )
    talk.say(_("Thank you: your changes are in the file, and the team has been told."))
    if later:
        talk.say(
            lines(
                [
                    _("This can still be answered until {day}:", day=later[-1].until),
                    reviewing.asked_back(programme, later),
                ]
            )
        )
        talk.offer(_("Answer the team"), "/changes")
    elif not complete:
        talk.say(_("Some documents are still missing; you can send them at any time."))
    talk.offer(_("Track my application"), "/track")


def _question(programme: Programme, applicant: str, item: Any) -> Question[Any]:
    """The item's own question, under the team's note."""
    document = item.item in programme.form.documents
    question: Question[Any] = (
        form.document_question(programme, item.item, "required")
        if document
        else form.field_question(programme, item.item, "required")
    )
    note = lines([_("The team writes:"), UserText(item.note)])
    return replace(question, prompt=Joined((note, question.prompt), "\n\n"))
