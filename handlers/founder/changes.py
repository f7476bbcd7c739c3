"""/changes ABC-2026-0042: the items the team asked a founder to change, and only those."""

from __future__ import annotations

from typing import Any

from handlers import form, notices, reviewing
from handlers.programme.model import Programme
from handlers.talk.question import Question
from handlers.talk.talk import Talk
from handlers.talk.words import Joined, Quote, Text, _, lines
from storage import Conflict, applications, people, reviews
from storage.database import Db


async def changes(talk: Talk, db: Db, programme: Programme) -> None:
    row = await applications.current(db, talk.person.id, programme.programme)
    asked = [item for item in await reviews.items(db, row.id, waiting=True) if _known(programme, item.item)] if row is not None else []
    if row is None or not asked:
        talk.say(_("Nothing is asked of you any more: your file is with the team."))
        talk.offer(_("Track my application"), "/track")
        return
    answers: dict[str, Any] = {}
    documents: list[tuple[str, str, str]] = []
    for at, item in enumerate(asked, 1):
        talk.heading(_("{n} of {all}", n=at, all=len(asked)))
        question = _question(programme, row.applicant, item)
        given = await talk.ask(item.item, question, known=row.answers.get(item.item))
        if item.item in programme.form.documents:
            documents += [(item.item, one.id, one.name) for one in given or ()]
        else:
            answers[item.item] = question.keep(given)
    talk.heading(None)
    there = {*await applications.documents(db, row.id), *(document for document, _id, _name in documents)}
    complete = all(id in there for id, (_document, need) in form.needed(programme, row.applicant).items() if need == "required")
    try:
        await reviews.answer(db, row.id, talk.person.id, answers, documents, complete, talk.now)
    except Conflict:
        talk.say(_("Your application has been closed meanwhile, so nothing was changed."))
        return
    await _tell(db, talk, programme, row, {item.id for item in asked})
    talk.say(_("Thank you: your changes are in the file, and the team has been told."))
    if not complete:
        talk.say(_("Some documents are still missing; you can send them at any time."))
    talk.offer(_("Track my application"), "/track")


def _known(programme: Programme, item: str) -> bool:
    return item in programme.form.fields or item in programme.form.documents


def _question(programme: Programme, applicant: str, item: Any) -> Question[Any]:
    """The item's own question, under the team's note."""
    from dataclasses import replace

    document = item.item in programme.form.documents
    question: Question[Any] = (
        form.document_question(programme, item.item, "required") if document else form.field_question(programme, item.item, "required")
    )
    note = lines([_("The team writes:"), Quote(item.note)])
    return replace(question, prompt=Joined((note, question.prompt), "\n\n"))


async def _tell(db: Db, talk: Talk, programme: Programme, row: Any, ids: set[int]) -> None:
    """Whoever asked, and the team, read the difference."""
    done = [item for item in await reviews.items(db, row.id, waiting=False) if item.id in ids]
    text: Text = lines([_("{ref} was changed as you asked:", ref=row.reference), *(reviewing.difference(programme, row, item) for item in done)])
    team = {person for person, _language in await people.with_role(db, *notices.TEAM)}
    for person in team | {item.asked_by for item in done if item.asked_by is not None}:
        purpose = f"changed:{row.reference}:{max(ids)}:{person}"
        await notices.tell(db, talk, person, text, [(_("Open it"), f"/file {row.reference}")], purpose=purpose, about=talk.person.id)
