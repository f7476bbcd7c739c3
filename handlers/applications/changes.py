"""/changes ABC-2026-0042: the items the team asked a founder to change, and only those."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.actor import by_chat
from handlers.applications import actions, form, requirements, words
from handlers.programme.model import Programme
from handlers.talk.message import File, Json
from handlers.talk.question import Question
from handlers.talk.talk import Talk
from handlers.talk.words import Joined, UserText, _, lines
from storage import Conflict, applications
from storage.change_requests import ChangeRequest
from storage.database import Db


async def changes(talk: Talk, db: Db, programme: Programme) -> None:
    application = await applications.current(db, talk.person.id, programme.programme)
    asked = await requirements.waiting(db, programme, application.id) if application is not None else []
    if application is None or not asked:
        talk.say(_("Nothing is asked of you any more: your file is with the team."))
        talk.offer(_("Track my application"), "/track")
        return
    answers: dict[str, Json] = {}
    documents: dict[str, list[File]] = {}
    for at, request in enumerate(asked, 1):
        talk.heading(_("{n} of {all}", n=at, all=len(asked)) if len(asked) > 1 else None)
        question = _question(programme, request)
        given = await talk.ask(request.item, question, known=application.answers.get(request.item))
        if request.item not in programme.form.documents:
            answers[request.item] = question.keep(given)
        elif given:
            documents[request.item] = given
    talk.heading(None)
    if not answers and not documents:
        talk.say(_("No problem: you can answer until {day}.", day=asked[-1].until))
        talk.offer(_("Answer the team"), "/changes")
        return
    try:
        progress = await actions.answer_change_requests(db, by_chat(talk), programme, application, answers, documents)
    except Conflict:
        talk.say(_("Your application has been closed meanwhile, so nothing was changed."))
        return
    talk.say(_("Thank you: your changes are in the file, and the team has been told."))
    if progress.waiting:
        talk.say(words.still_to_answer(programme, progress.waiting))
        talk.offer(_("Answer the team"), "/changes")
    elif not progress.complete:
        talk.say(_("Some documents are still missing; you can send them at any time."))
    talk.offer(_("Track my application"), "/track")


def _question(programme: Programme, request: ChangeRequest) -> Question[Any]:
    """The item's own question, under the team's note."""
    question: Question[Any] = (
        form.document_question(programme, request.item, "required")
        if request.item in programme.form.documents
        else form.field_question(programme, request.item, "required")
    )
    note = lines([_("The team writes:"), UserText(request.note)])
    return replace(question, prompt=Joined((note, question.prompt), "\n\n"))
