"""What is done with applications: by their founders, by whoever reads them, by the team that decides."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from handlers.actor import Actor
from handlers.applications import notices, reminders, requirements, table
from handlers.notices.tables import csv_of, xlsx_of
from handlers.programme.model import Programme
from handlers.rights import Act, Refused, may_open, require
from handlers.talk.message import File, Json
from handlers.talk.words import Language, Text, _
from storage import Conflict, applications, change_requests, decisions, reviews
from storage.applications import Application
from storage.change_requests import ChangeRequest
from storage.database import Db
from storage.decisions import PreparedDecision

Decision: TypeAlias = Literal["shortlisted", "interview", "accepted", "waitlisted", "not_selected"]
TableKind: TypeAlias = Literal["xlsx", "csv"]


class AlreadyApplied(Exception):
    """Whoever applies has an application that is still open."""


@dataclass(frozen=True, slots=True)
class Submitted:
    reference: str
    missing: Sequence[Text]  # documents that are still to come


@dataclass(frozen=True, slots=True)
class Progress:
    """What an application needs after its founder has added to it."""

    complete: bool  # every required document is there
    waiting: Sequence[ChangeRequest]  # what the team asked for and still waits for


@dataclass(frozen=True, slots=True)
class Table:
    """The applications as a file."""

    name: str
    kind: str  # MIME type
    content: bytes
    founders: Sequence[int]  # whom it tells of, one for each application


async def submit(
    db: Db,
    actor: Actor,
    programme: Programme,
    answers: Mapping[str, Json],
    documents: Mapping[str, Sequence[File]],
) -> Submitted:
    """Hand in one's application, with the files sent for each document. AlreadyApplied if one is open."""
    require(actor, Act.APPLY)
    if await applications.current(db, actor.person, programme.programme) is not None:
        raise AlreadyApplied
    applicant = requirements.applicant_of(programme, answers)
    missing = requirements.missing(programme, applicant, {id for id, files in documents.items() if files})
    today = actor.now.astimezone(programme.zone).date()
    application = await applications.submit(
        db,
        actor.person,
        programme.programme,
        programme.reference,
        applicant,
        answers,
        [(document, file.id) for document, files in documents.items() for file in files],
        complete=not missing,
        promised_on=_working_day(today, programme.answer_within),
        now=actor.now,
        today=today,
    )
    await notices.new_application(db, actor, programme, application)
    await reminders.of_application(db, programme, application, complete=not missing, now=actor.now)
    return Submitted(application.reference, missing)


async def add_documents(
    db: Db, actor: Actor, programme: Programme, application: Application, document: str, files: Sequence[File]
) -> Progress:
    """Hand in files for a document, which answers the team if they asked for it. Conflict if the application is closed."""
    require(actor, Act.APPLY)
    _require_own(actor, application)
    if await _is_asked(db, programme, application, document):
        return await _answer(db, actor, programme, application, {}, {document: files})
    complete = await _complete(db, programme, application, document)
    sent = [file.id for file in files]
    await applications.add_documents(db, application.id, actor.person, document, sent, complete, actor.now)
    return await _progress(db, programme, application, complete)


async def change_answer(
    db: Db, actor: Actor, programme: Programme, application: Application, field: str, answer: Json
) -> Progress:
    """Change one answer, which answers the team if they asked for it. Conflict if the review has begun and they did not."""
    require(actor, Act.APPLY)
    _require_own(actor, application)
    if await _is_asked(db, programme, application, field):
        return await _answer(db, actor, programme, application, {field: answer}, {})
    await applications.change(db, application.id, actor.person, field, answer, actor.now)
    return await _progress(db, programme, application, await _complete(db, programme, application))


async def answer_change_requests(
    db: Db,
    actor: Actor,
    programme: Programme,
    application: Application,
    answers: Mapping[str, Json],
    documents: Mapping[str, Sequence[File]],
) -> Progress:
    """Give what the team asked for, or some of it. Conflict if the application is closed, or none of it is asked any more."""
    require(actor, Act.APPLY)
    _require_own(actor, application)
    return await _answer(db, actor, programme, application, answers, documents)


async def withdraw(db: Db, actor: Actor, application: Application) -> None:
    """Take one's application back. Conflict if it is closed."""
    require(actor, Act.APPLY)
    _require_own(actor, application)
    await applications.withdraw(db, application.id, actor.person, actor.now)


async def give_points(
    db: Db,
    actor: Actor,
    programme: Programme,
    application: Application,
    scores: Mapping[str, int],
    notes: str,
) -> None:
    """Keep one's points for each criterion, in place of those given before; the first ones begin the review, and its founder
    is told."""
    require(actor, Act.REVIEW)
    await _require_open(db, actor, application)
    await reviews.give(db, application.id, actor.person, actor.now, scores=scores, notes=notes)
    if await applications.move(db, application.id, actor.person, ["submitted"], "in_review", actor.now):
        await notices.status_changed(db, actor, programme, application, "in_review")


async def declare_conflict(db: Db, actor: Actor, application: Application) -> None:
    """Leave an application to others, for a conflict of interest; one's points for it are forgotten."""
    require(actor, Act.REVIEW)
    await _require_open(db, actor, application)
    await reviews.give(db, application.id, actor.person, actor.now, conflict=True)


async def withdraw_conflict(db: Db, actor: Actor, application: Application) -> None:
    """Say that there is no conflict of interest after all. LookupError if none was declared."""
    require(actor, Act.REVIEW)
    if not await _has_conflict(db, actor, application):
        raise LookupError("no conflict of interest was declared")
    await reviews.withdraw(db, application.id, actor.person, actor.now)


async def request_changes(
    db: Db, actor: Actor, programme: Programme, application: Application, notes: Mapping[str, str]
) -> bool:
    """Ask the founder to change items, with a note on each; False if no channel reaches them, which changes nothing else.

    Conflict if the application is closed, LookupError if it has no such item.
    """
    require(actor, Act.DECIDE)
    await _require_open(db, actor, application)
    if unknown := notes.keys() - requirements.askable(programme, application).keys():
        raise LookupError(*unknown)
    until = requirements.answer_by(programme, actor.now.astimezone(programme.zone).date())
    items = {id: (note, application.answers.get(id)) for id, note in notes.items()}
    await change_requests.ask(db, application.id, actor.person, items, until, actor.now)
    await reminders.of_changes(db, programme, application, until, actor.now)
    return await notices.changes_requested(db, actor, programme, application, notes, until)


async def prepare_decision(
    db: Db, actor: Actor, application: Application, decision: Decision, conditions_or_reasons: str
) -> None:
    """Prepare a decision, in place of one prepared before; nothing is told yet. Conflict if the application is closed."""
    require(actor, Act.DECIDE)
    await _require_open(db, actor, application)
    await decisions.prepare(db, application.id, actor.person, decision, conditions_or_reasons, actor.now)


async def take_back_decision(db: Db, actor: Actor, prepared: PreparedDecision) -> bool:
    """Leave an application undecided again; False if its decision was told or taken back meanwhile."""
    require(actor, Act.DECIDE)
    _require_not_own(actor, prepared.application)
    return await decisions.drop(db, prepared.application.id, actor.person, actor.now)


async def release_decisions(db: Db, actor: Actor, programme: Programme, prepared: Sequence[PreparedDecision]) -> int:
    """Make prepared decisions true and tell them; how many founders could be told. What was withdrawn meanwhile, or told by
    somebody else, is left out."""
    require(actor, Act.DECIDE)
    for decision in prepared:
        _require_not_own(actor, decision.application)
    told = 0
    for decision in prepared:
        application = decision.application
        status = await decisions.release(db, application.id, actor.person, actor.now)
        if status is not None:
            told += await notices.status_changed(db, actor, programme, application, status, decision.words)
    return told


async def export(db: Db, actor: Actor, programme: Programme, kind: TableKind, language: Language) -> Table:
    """All applications as a table, in the language of whoever reads it."""
    require(actor, Act.EXPORT_APPLICATIONS)
    listed = await applications.every(db, programme.programme)
    scores = await reviews.all_scores(db)
    rows = [
        table.header(programme, language),
        *(table.row(programme, language, application, scores.get(application.id, [])) for application in listed),
    ]
    name = f"applications-{actor.now.astimezone(programme.zone).date().isoformat()}.{kind}"
    founders = [application.person_id for application in listed if application.person_id is not None]
    if kind == "csv":
        return Table(name, "text/csv", csv_of(rows), founders)
    # a thousand applications take a second: not while others wait
    book = await asyncio.to_thread(xlsx_of, rows, title=language.say(_("Applications")), rtl=language.rtl)
    return Table(name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", book, founders)


def _require_own(actor: Actor, application: Application) -> None:
    if application.person_id != actor.person:
        raise Refused(Act.APPLY)


def _require_not_own(actor: Actor, application: Application) -> None:
    if not may_open(actor, application):
        raise Refused(Act.DECIDE)


async def _require_open(db: Db, actor: Actor, application: Application) -> None:
    """Let only somebody go on to whom the application is not closed: by its sector, as their own, or by a conflict."""
    if not may_open(actor, application) or await _has_conflict(db, actor, application):
        raise Refused(Act.REVIEW)


async def _has_conflict(db: Db, actor: Actor, application: Application) -> bool:
    given = await reviews.of(db, application.id)
    return any(review.conflict for review in given if review.reviewer_id == actor.person)


async def _is_asked(db: Db, programme: Programme, application: Application, item: str) -> bool:
    return any(request.item == item for request in await requirements.waiting(db, programme, application.id))


async def _complete(db: Db, programme: Programme, application: Application, *added: str) -> bool:
    """Whether every required document is there, with those that are being added."""
    there = await applications.documents(db, application.id) | {*added}
    return not requirements.missing(programme, application.applicant, there)


async def _progress(db: Db, programme: Programme, application: Application, complete: bool) -> Progress:
    return Progress(complete, await requirements.waiting(db, programme, application.id))


async def _answer(
    db: Db,
    actor: Actor,
    programme: Programme,
    application: Application,
    answers: Mapping[str, Json],
    documents: Mapping[str, Sequence[File]],
) -> Progress:
    """Keep what was asked for, and tell whoever asked."""
    asked = await requirements.waiting(db, programme, application.id)
    answered = {request.id for request in asked if request.item in answers or request.item in documents}
    if not answered:
        raise Conflict
    complete = await _complete(db, programme, application, *documents)
    sent = {document: [(file.id, file.name) for file in files] for document, files in documents.items()}
    await change_requests.answer(db, application.id, actor.person, answers, sent, complete, actor.now)
    await notices.changes_made(db, actor, programme, application, answered)
    return await _progress(db, programme, application, complete)


def _working_day(start: date, n: int) -> date:
    """The n-th working day after a date; weekends are Saturday and Sunday."""
    day = start
    while n:
        day += timedelta(days=1)
        n -= day.weekday() < 5
    return day
