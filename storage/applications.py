"""Submitted applications: their numbers, their documents, what founders may still change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from storage import Conflict
from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal
from storage.tables import OPEN as OPEN
from storage.tables import (
    ApplicationRow,
    CounterRow,
    DecisionRow,
    DocumentRow,
    FileRow,
    ItemRow,
    Json,
    PersonRow,
    ReviewRow,
)

CHANGEABLE = ("submitted", "missing_docs")  # until the review begins
UNDECIDED = ("submitted", "in_review", "missing_docs")  # nothing was decided yet


@dataclass(frozen=True, slots=True)
class Application:
    """A submitted application, as it stands."""

    id: int
    person_id: int | None  # its founder; None if they were erased
    reference: str  # its number, such as ABC-2026-0042
    applicant: str  # the kind of applicant
    status: str
    answers: Mapping[str, Json]  # by question; empty if the founder was erased
    submitted_at: datetime
    changed_at: datetime
    promised_on: date  # the day an answer is promised by
    words: str  # what the team wrote with the last decision
    language: str  # of its founder


COLUMNS = (
    ApplicationRow.id,
    ApplicationRow.person_id,
    ApplicationRow.reference,
    ApplicationRow.applicant,
    ApplicationRow.status,
    ApplicationRow.answers,
    ApplicationRow.submitted_at,
    ApplicationRow.changed_at,
    ApplicationRow.promised_on,
    ApplicationRow.words,
    func.coalesce(PersonRow.language, ""),
)  # what an Application is made of, in its order


class SentFile(NamedTuple):
    """A file that was handed in, and for which document."""

    document: str
    id: str
    name: str
    kind: str
    size: int


async def submit(
    db: Db,
    person: int,
    programme: str,
    prefix: str,
    applicant: str,
    answers: Mapping[str, Json],
    documents: Sequence[tuple[str, str]],
    *,
    complete: bool,
    promised_on: date,
    now: datetime,
    today: date,
) -> Application:
    """Hand in an application with its (document, file id) pairs; it gets a number.

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
    return Application(*(await db.execute(_query().where(ApplicationRow.id == id))).one())


async def _next(db: Db, name: str) -> int:
    make = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    counted = make(CounterRow).values(name=name, value=1)
    counted = counted.on_conflict_do_update(index_elements=[CounterRow.name], set_={"value": CounterRow.value + 1})
    return int((await db.execute(counted.returning(CounterRow.value))).scalar_one())


def _query() -> Select[Any]:
    return select(*COLUMNS).outerjoin(PersonRow, PersonRow.id == ApplicationRow.person_id)


async def _first(db: Db, query: Select[Any]) -> Application | None:
    row = (await db.execute(query.limit(1))).first()
    return Application(*row) if row is not None else None


async def current(db: Db, person: int, programme: str) -> Application | None:
    """Their application that is still open."""
    theirs = (
        ApplicationRow.person_id == person,
        ApplicationRow.programme == programme,
        ApplicationRow.status.in_(OPEN),
    )
    return await _first(db, _query().where(*theirs).order_by(ApplicationRow.id.desc()))


async def one(db: Db, id: int) -> Application | None:
    return await _first(db, _query().where(ApplicationRow.id == id))


async def by_reference(db: Db, programme: str, reference: str) -> Application | None:
    """The application with this number, however it is typed; None if there is none, or its founder was erased."""
    known = (
        ApplicationRow.reference == reference.upper(),
        ApplicationRow.programme == programme,
        ApplicationRow.person_id.is_not(None),
    )
    return await _first(db, _query().where(*known))


async def listed(db: Db, person: int) -> list[Application]:
    """All their applications, newest first."""
    query = _query().where(ApplicationRow.person_id == person).order_by(ApplicationRow.id.desc())
    return [Application(*row) for row in await db.execute(query)]


async def every(db: Db, programme: str) -> list[Application]:
    """All applications whose founder is still here, oldest first."""
    there = (ApplicationRow.programme == programme, ApplicationRow.person_id.is_not(None))
    return [Application(*row) for row in await db.execute(_query().where(*there).order_by(ApplicationRow.id))]


async def documents(db: Db, application: int) -> set[str]:
    """The documents that were handed in."""
    return set(await db.scalars(select(DocumentRow.document).where(DocumentRow.application_id == application)))


async def files(db: Db, application: int) -> list[SentFile]:
    """What was handed in, oldest first."""
    query = (
        select(DocumentRow.document, FileRow.id, FileRow.name, FileRow.kind, FileRow.size)
        .join(FileRow, FileRow.id == DocumentRow.file_id)
        .where(DocumentRow.application_id == application)
        .order_by(FileRow.at)
    )
    return [SentFile(*row) for row in await db.execute(query)]


async def change(db: Db, application: int, actor: int, field: str, value: Json, now: datetime) -> None:
    """Change one answer. Conflict if the review has begun meanwhile."""
    status, answers = await locked(db, application)
    if status not in CHANGEABLE:
        raise Conflict
    changed = {**answers, field: value}
    await db.execute(
        update(ApplicationRow).where(ApplicationRow.id == application).values(answers=changed, changed_at=now)
    )
    subject = ("application", application)
    await note(db, now, actor, Event.ANSWER_CHANGED, subject, answers.get(field), value, detail=field)


async def add_documents(
    db: Db, application: int, actor: int, document: str, files: Sequence[str], complete: bool, now: datetime
) -> None:
    """Hand in files for a document; `complete`: nothing required is missing any more. Conflict if the application is closed."""
    if await locked_status(db, application) not in OPEN:
        raise Conflict
    for file in files:
        await db.execute(insert(DocumentRow).values(application_id=application, file_id=file, document=document))
    if complete:
        await completed(db, application, actor, now)
    await note(db, now, actor, Event.DOCUMENTS_ADDED, ("application", application), None, [document, len(files)])


async def completed(db: Db, application: int, actor: int, now: datetime) -> None:
    """Nothing required is missing any more: it is read on, unless the team still waits for an answer."""
    waiting = await db.scalar(
        select(func.count()).where(ItemRow.application_id == application, ItemRow.answered_at.is_(None))
    )
    if not waiting:
        reviewed = await db.scalar(select(func.count()).where(ReviewRow.application_id == application))
        await move(db, application, actor, ["missing_docs"], "in_review" if reviewed else "submitted", now)


async def withdraw(db: Db, application: int, actor: int, now: datetime) -> None:
    """Take an application back at the founder's wish. Conflict if it is closed already."""
    if not await move(db, application, actor, OPEN, "withdrawn", now):
        raise Conflict


async def move(db: Db, application: int, actor: int | None, before: Collection[str], after: str, now: datetime) -> bool:
    """Give an application another status if it has one of `before`; whether it did."""
    status = await locked_status(db, application)
    if status not in before or status == after:
        return False
    await db.execute(
        update(ApplicationRow).where(ApplicationRow.id == application).values(status=after, changed_at=now)
    )
    await note(db, now, actor, Event.STATUS_CHANGED, ("application", application), status, after)
    return True


async def locked_status(db: Db, application: int) -> str | None:
    """The status of an application, which nobody else changes before this transaction ends."""
    return await db.scalar(select(ApplicationRow.status).where(ApplicationRow.id == application).with_for_update())


async def locked(db: Db, application: int) -> tuple[str, Mapping[str, Json]]:
    """(status, answers), likewise. Conflict if there is no such application."""
    query = (
        select(ApplicationRow.status, ApplicationRow.answers).where(ApplicationRow.id == application).with_for_update()
    )
    row = (await db.execute(query)).first()
    if row is None:
        raise Conflict
    return row.status, row.answers


async def counts(db: Db) -> dict[str, int]:
    """How many applications have each status."""
    rows = await db.execute(select(ApplicationRow.status, func.count()).group_by(ApplicationRow.status))
    return {row[0]: row[1] for row in rows}


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
