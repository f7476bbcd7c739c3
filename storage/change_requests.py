"""Single items that the team asked founders to change: answers and documents of their applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update

from storage import Conflict
from storage.applications import OPEN, UNDECIDED, completed, locked, locked_status, move
from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, number_stays
from storage.tables import ApplicationRow, DocumentRow, ItemRow, Json


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """One answer or document that the team asked a founder to change."""

    id: int
    item: str  # a field or a document of the form
    note: str  # of the team, for the founder
    asked_by: int | None  # None if they have left
    until: date  # the last day to answer
    before: Json  # the answer that stood there
    after: Json  # the new one, or the names of the files; None while it waits
    answered_at: datetime | None


async def ask(
    db: Db, application: int, actor: int, items: Mapping[str, tuple[str, Json]], until: date, now: datetime
) -> None:
    """Ask the founder to change items: item -> (note, what stands there now). Whoever is shortlisted stays so.

    Conflict if the application is closed.
    """
    if await locked_status(db, application) not in OPEN:
        raise Conflict
    await db.execute(
        delete(ItemRow).where(
            ItemRow.application_id == application, ItemRow.item.in_(items), ItemRow.answered_at.is_(None)
        )
    )
    for item, (why, before) in items.items():
        row = {
            "application_id": application,
            "item": item,
            "note": why,
            "asked_by": actor,
            "asked_at": now,
            "until": until,
            "before": before,
        }
        await db.execute(insert(ItemRow).values(**row))
    await note(db, now, actor, Event.CHANGES_REQUESTED, ("application", application), None, sorted(items))
    await move(db, application, actor, UNDECIDED, "missing_docs", now)


async def of(db: Db, application: int) -> list[ChangeRequest]:
    """All change requests of an application, answered or not, oldest first."""
    query = select(
        ItemRow.id,
        ItemRow.item,
        ItemRow.note,
        ItemRow.asked_by,
        ItemRow.until,
        ItemRow.before,
        ItemRow.after,
        ItemRow.answered_at,
    ).where(ItemRow.application_id == application)
    return [ChangeRequest(*row) for row in await db.execute(query.order_by(ItemRow.id))]


async def waiting(db: Db, application: int) -> list[ChangeRequest]:
    """Those that the founder has not answered."""
    return [request for request in await of(db, application) if request.answered_at is None]


async def answer(
    db: Db,
    application: int,
    actor: int,
    answers: Mapping[str, Json],
    documents: Mapping[str, Sequence[tuple[str, str]]],
    complete: bool,
    now: datetime,
) -> None:
    """Keep what a founder changed: new answers by field, and (file id, file name) pairs by document.

    What they left for later is still asked. With nothing left, and all required documents there (`complete`), the
    application goes back to where it was. Conflict if it is closed, or nothing was asked any more.
    """
    status, before = await locked(db, application)
    requests = await waiting(db, application)
    if status not in OPEN or not requests:
        raise Conflict
    await db.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id == application)
        .values(answers={**before, **answers}, changed_at=now)
    )
    for document, files in documents.items():
        for id, _name in files:
            await db.execute(insert(DocumentRow).values(application_id=application, file_id=id, document=document))
    given: dict[str, Json] = {document: [name for _id, name in files] for document, files in documents.items()}
    given |= answers
    for request in requests:
        if request.item not in given:
            continue
        after = given[request.item]
        await db.execute(update(ItemRow).where(ItemRow.id == request.id).values(after=after, answered_at=now))
        subject = ("application", application)
        await note(db, now, actor, Event.ITEM_CHANGED, subject, request.before, after, detail=request.item)
    if complete:
        await completed(db, application, actor, now)


PERSONAL = (Personal(ItemRow.asked_by, number_stays),)
