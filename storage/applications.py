"""Submitted applications: their numbers, their documents, what founders may still change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from storage import Conflict
from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal
from storage.tables import OPEN as OPEN
from storage.tables import ApplicationRow, CounterRow, DecisionRow, DocumentRow, FileRow, ItemRow, ReviewRow

CHANGEABLE = ("submitted", "missing_docs")  # until the review begins
UNDECIDED = ("submitted", "in_review", "missing_docs")  # nothing was decided yet


async def submit(
    db: Db,
    person: int,
    programme: str,
    prefix: str,
    applicant: str,
    answers: Mapping[str, Any],
    documents: Sequence[tuple[str, str]],
    *,
    complete: bool,
    promised_on: date,
    now: datetime,
    today: date,
) -> str:
    """Hand in an application with its (document, file id) pairs; its number, such as ABC-2026-0042.

    Conflict if this person has an open one already.
    """
    number = await _next(db, f"{prefix}-{today.year}")
    reference = f"{prefix}-{today.year}-{number:04d}"
    row = insert(ApplicationRow).values(
        person_id=person,
        programme=programme,
        reference=reference,
        applicant=applicant,
        answers=dict(answers),
        status="submitted" if complete else "missing_docs",
        submitted_at=now,
        changed_at=now,
        promised_on=promised_on,
    )
    try:
        id = int((await db.execute(row.returning(ApplicationRow.id))).scalar_one())
    except IntegrityError as error:
        raise Conflict from error
    for document, file in documents:
        await db.execute(insert(DocumentRow).values(application_id=id, file_id=file, document=document))
    await note(db, now, person, Event.APPLICATION_SUBMITTED, ("application", id), None, reference)
    return reference


async def _next(db: Db, name: str) -> int:
    make = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    counted = make(CounterRow).values(name=name, value=1)
    counted = counted.on_conflict_do_update(index_elements=[CounterRow.name], set_={"value": CounterRow.value + 1})
    return int((await db.execute(counted.returning(CounterRow.value))).scalar_one())


_COLUMNS = (
    ApplicationRow.id,
    ApplicationRow.reference,
    ApplicationRow.status,
    ApplicationRow.applicant,
    ApplicationRow.answers,
    ApplicationRow.submitted_at,
    ApplicationRow.changed_at,
    ApplicationRow.promised_on,
    ApplicationRow.words,
)


async def current(db: Db, person: int, programme: str) -> Any:
    """Their application that is still open: id, reference, status, applicant, answers, submitted_at, changed_at, promised_on,
    words (of the last decision)."""
    query = select(*_COLUMNS).where(
        ApplicationRow.person_id == person, ApplicationRow.programme == programme, ApplicationRow.status.in_(OPEN)
    )
    return (await db.execute(query.order_by(ApplicationRow.id.desc()).limit(1))).first()


async def one(db: Db, id: int) -> Any:
    """An application with the same columns; None if there is none."""
    return (await db.execute(select(*_COLUMNS).where(ApplicationRow.id == id))).first()


async def by_reference(db: Db, reference: str) -> Any:
    """The application with this number."""
    return (await db.execute(select(*_COLUMNS).where(ApplicationRow.reference == reference))).one()


async def listed(db: Db, person: int) -> Sequence[Any]:
    """All their applications, newest first, with the same columns."""
    return (
        await db.execute(select(*_COLUMNS).where(ApplicationRow.person_id == person).order_by(ApplicationRow.id.desc()))
    ).all()


async def documents(db: Db, application: int) -> dict[str, list[tuple[str, str]]]:
    """What was handed in: (file id, file name) by document."""
    query = (
        select(DocumentRow.document, FileRow.id, FileRow.name)
        .join(FileRow, FileRow.id == DocumentRow.file_id)
        .where(DocumentRow.application_id == application)
        .order_by(FileRow.at)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for document, file, name in await db.execute(query):
        found.setdefault(document, []).append((file, name))
    return found


async def files(db: Db, application: int) -> Sequence[Any]:
    """What was handed in, oldest first: document, id, name, kind, size."""
    query = (
        select(DocumentRow.document, FileRow.id, FileRow.name, FileRow.kind, FileRow.size)
        .join(FileRow, FileRow.id == DocumentRow.file_id)
        .where(DocumentRow.application_id == application)
        .order_by(FileRow.at)
    )
    return (await db.execute(query)).all()


async def change(db: Db, application: int, actor: int, field: str, value: Any, now: datetime) -> None:
    """Change one answer. Conflict if the review has begun meanwhile."""
    row = await _locked(db, application)
    if row.status not in CHANGEABLE:
        raise Conflict
    answers = {**row.answers, field: value}
    await db.execute(
        update(ApplicationRow).where(ApplicationRow.id == application).values(answers=answers, changed_at=now)
    )
    await note(
        db, now, actor, Event.ANSWER_CHANGED, ("application", application), row.answers.get(field), value, detail=field
    )


async def add_documents(
    db: Db, application: int, actor: int, document: str, files: Sequence[str], complete: bool, now: datetime
) -> None:
    """Hand in files for a document; `complete`: nothing required is missing any more. Conflict if the application is closed."""
    row = await _locked(db, application)
    if row.status not in OPEN:
        raise Conflict
    for file in files:
        await db.execute(insert(DocumentRow).values(application_id=application, file_id=file, document=document))
    if complete:
        await completed(db, application, actor, now)
    await note(db, now, actor, Event.DOCUMENTS_ADDED, ("application", application), None, [document, len(files)])


async def completed(db: Db, application: int, actor: int, now: datetime) -> None:
    """Nothing required is missing any more: it is read on, unless the team still waits for an answer."""
    row = await _locked(db, application)
    waiting = await db.scalar(
        select(func.count()).where(ItemRow.application_id == application, ItemRow.answered_at.is_(None))
    )
    if row.status == "missing_docs" and not waiting:
        reviewed = await db.scalar(select(func.count()).where(ReviewRow.application_id == application))
        await _set_status(db, application, row.status, "in_review" if reviewed else "submitted", actor, now)


async def withdraw(db: Db, application: int, actor: int, now: datetime) -> None:
    """Take an application back at the founder's wish. Conflict if it is closed already."""
    row = await _locked(db, application)
    if row.status not in OPEN:
        raise Conflict
    await _set_status(db, application, row.status, "withdrawn", actor, now)


async def _locked(db: Db, application: int) -> Any:
    query = (
        select(ApplicationRow.status, ApplicationRow.answers).where(ApplicationRow.id == application).with_for_update()
    )
    row = (await db.execute(query)).first()
    if row is None:
        raise Conflict
    return row


async def _set_status(db: Db, application: int, before: str, after: str, actor: int, now: datetime) -> None:
    await db.execute(
        update(ApplicationRow).where(ApplicationRow.id == application).values(status=after, changed_at=now)
    )
    await note(db, now, actor, Event.STATUS_CHANGED, ("application", application), before, after)


async def counts(db: Db) -> dict[str, int]:
    """How many applications have each status."""
    rows = await db.execute(select(ApplicationRow.status, func.count()).group_by(ApplicationRow.status))
    return {row[0]: row[1] for row in rows}


async def forget_documents(db: Db, application: int) -> None:
    await db.execute(delete(DocumentRow).where(DocumentRow.application_id == application))


async def _forget(db: Db, person: int, now: datetime) -> None:
    """An application is still counted; nothing is left of what it said, nor of what the team made of it."""
    theirs = select(ApplicationRow.id).where(ApplicationRow.person_id == person)
    for table in (ReviewRow, ItemRow, DecisionRow, DocumentRow):
        await db.execute(delete(table).where(table.application_id.in_(theirs)))
    blank: dict[str, Any] = {"person_id": None, "answers": {}, "words": "", "changed_at": now}
    await db.execute(update(ApplicationRow).where(ApplicationRow.person_id == person).values(**blank))


PERSONAL = (
    Personal(
        ApplicationRow.person_id,
        _forget,
        {
            "applications": select(
                ApplicationRow.reference,
                ApplicationRow.status,
                ApplicationRow.answers,
                ApplicationRow.submitted_at,
                ApplicationRow.words,
            ),
            "asked_to_change": select(ItemRow.item, ItemRow.note, ItemRow.asked_at, ItemRow.before, ItemRow.after)
            .join(ApplicationRow, ApplicationRow.id == ItemRow.application_id)
            .order_by(ItemRow.id),
        },
    ),
)
