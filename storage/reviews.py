"""The team's side of applications: reviews, single items asked back, decisions that wait to be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import Conflict
from storage.applications import OPEN, UNDECIDED, completed
from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, number_stays, one_for_each, with_person
from storage.tables import ApplicationRow, DecisionRow, DocumentRow, ItemRow, PersonRow, ReviewRow

_FILE = (
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
)


async def file(db: Db, programme: str, reference: str) -> Any:
    """An application as the team sees it: id, person_id, reference, applicant, status, answers, submitted_at, changed_at,
    promised_on, words (of the last decision), language of the founder. None if there is none with this number, or its founder was erased."""
    query = (
        select(*_FILE, PersonRow.language)
        .join(PersonRow, PersonRow.id == ApplicationRow.person_id)
        .where(ApplicationRow.reference == reference.upper(), ApplicationRow.programme == programme)
    )
    return (await db.execute(query)).first()


async def queue(db: Db, programme: str, reviewer: int) -> Sequence[Any]:
    """Open applications that this reviewer has neither reviewed nor left for a conflict: the columns of `file` without the
    language, and `reviews`, how many there are. The least reviewed first, then the earliest promise."""
    mine = select(ReviewRow.application_id).where(ReviewRow.reviewer_id == reviewer)
    done = (
        select(func.count())
        .where(ReviewRow.application_id == ApplicationRow.id, ReviewRow.conflict.is_(False))
        .correlate(ApplicationRow)
        .scalar_subquery()
        .label("reviews")
    )
    query = (
        select(*_FILE, done)
        .where(
            ApplicationRow.programme == programme,
            ApplicationRow.status.in_(OPEN),
            ApplicationRow.person_id.is_not(None),
            ApplicationRow.person_id != reviewer,
            ApplicationRow.id.not_in(mine),
        )
        .order_by(done, ApplicationRow.promised_on, ApplicationRow.id)
    )
    return (await db.execute(query)).all()


async def every(db: Db, programme: str) -> Sequence[Any]:
    """All applications whose founder is still here, oldest first, with the columns of `file`."""
    query = select(*_FILE, PersonRow.language).join(PersonRow, PersonRow.id == ApplicationRow.person_id)
    return (await db.execute(query.where(ApplicationRow.programme == programme).order_by(ApplicationRow.id))).all()


# reviews ------------------------------------------------------------------------------------------------------------


async def of(db: Db, application: int) -> Sequence[Any]:
    """The reviews of an application, oldest first: reviewer_id, name, scores, notes, conflict, at."""
    query = (
        select(
            ReviewRow.reviewer_id, PersonRow.name, ReviewRow.scores, ReviewRow.notes, ReviewRow.conflict, ReviewRow.at
        )
        .join(PersonRow, PersonRow.id == ReviewRow.reviewer_id)
        .where(ReviewRow.application_id == application)
        .order_by(ReviewRow.at)
    )
    return (await db.execute(query)).all()


async def all_scores(db: Db) -> dict[int, list[dict[str, Any]]]:
    """The points of every review by application, conflicts left out."""
    found: dict[int, list[dict[str, Any]]] = {}
    for application, scores in await db.execute(
        select(ReviewRow.application_id, ReviewRow.scores).where(ReviewRow.conflict.is_(False))
    ):
        found.setdefault(application, []).append(scores)
    return found


async def give(
    db: Db,
    application: int,
    reviewer: int,
    now: datetime,
    *,
    scores: Mapping[str, int] | None = None,
    notes: str = "",
    conflict: bool = False,
) -> None:
    """Keep a reviewer's points and notes, or their conflict of interest; given again, the newest stands."""
    make = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    kept = {"scores": dict(scores or {}), "notes": notes, "conflict": conflict, "at": now}
    before = await db.scalar(
        select(ReviewRow.scores).where(ReviewRow.application_id == application, ReviewRow.reviewer_id == reviewer)
    )
    row = make(ReviewRow).values(application_id=application, reviewer_id=reviewer, **kept)
    await db.execute(
        row.on_conflict_do_update(index_elements=[ReviewRow.application_id, ReviewRow.reviewer_id], set_=kept)
    )
    event = Event.CONFLICT_DECLARED if conflict else Event.REVIEWED
    await note(db, now, reviewer, event, ("application", application), before, kept["scores"])


async def withdraw(db: Db, application: int, reviewer: int, now: datetime) -> None:
    """Forget a reviewer's points, or their conflict of interest."""
    await db.execute(
        delete(ReviewRow).where(ReviewRow.application_id == application, ReviewRow.reviewer_id == reviewer)
    )
    await note(db, now, reviewer, Event.REVIEW_WITHDRAWN, ("application", application))


# status -------------------------------------------------------------------------------------------------------------


async def move(db: Db, application: int, actor: int | None, before: Collection[str], after: str, now: datetime) -> bool:
    """Give an application another status if it has one of `before`; whether it did."""
    row = (
        await db.execute(select(ApplicationRow.status).where(ApplicationRow.id == application).with_for_update())
    ).first()
    if row is None or row.status not in before or row.status == after:
        return False
    await db.execute(
        update(ApplicationRow).where(ApplicationRow.id == application).values(status=after, changed_at=now)
    )
    await note(db, now, actor, Event.STATUS_CHANGED, ("application", application), row.status, after)
    return True


# single items asked back --------------------------------------------------------------------------------------------


async def ask(
    db: Db, application: int, actor: int, items: Mapping[str, tuple[str, Any]], until: date, now: datetime
) -> None:
    """Ask the founder to change items: item -> (note, what stands there now). Whoever is shortlisted stays so.

    Conflict if the application is closed.
    """
    status = await db.scalar(select(ApplicationRow.status).where(ApplicationRow.id == application).with_for_update())
    if status not in OPEN:
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


async def items(db: Db, application: int, *, waiting: bool) -> Sequence[Any]:
    """Items asked back, oldest first: id, item, note, asked_by, until, before, after, answered_at. `waiting`: only unanswered ones."""
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
    if waiting:
        query = query.where(ItemRow.answered_at.is_(None))
    return (await db.execute(query.order_by(ItemRow.id))).all()


async def answer(
    db: Db,
    application: int,
    actor: int,
    answers: Mapping[str, Any],
    documents: Sequence[tuple[str, str, str]],
    complete: bool,
    now: datetime,
) -> None:
    """Keep what a founder changed: new answers by field, and (document, file id, file name) triples.

    What they left for later is still asked. With nothing left, and all required documents there (`complete`), the
    application goes back to where it was. Conflict if it is closed, or nothing was asked any more.
    """
    row = (
        await db.execute(
            select(ApplicationRow.status, ApplicationRow.answers)
            .where(ApplicationRow.id == application)
            .with_for_update()
        )
    ).first()
    open_items = {one.item: one for one in await items(db, application, waiting=True)}
    if row is None or row.status not in OPEN or not open_items:
        raise Conflict
    await db.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id == application)
        .values(answers={**row.answers, **answers}, changed_at=now)
    )
    for document, id, _name in documents:
        await db.execute(insert(DocumentRow).values(application_id=application, file_id=id, document=document))
    names: dict[str, list[str]] = {}
    for document, _id, name in documents:
        names.setdefault(document, []).append(name)
    for item in open_items.values():
        if item.item not in answers and item.item not in names:
            continue
        after = answers[item.item] if item.item in answers else names[item.item]
        await db.execute(update(ItemRow).where(ItemRow.id == item.id).values(after=after, answered_at=now))
        await note(
            db, now, actor, Event.ITEM_CHANGED, ("application", application), item.before, after, detail=item.item
        )
    if complete:
        await completed(db, application, actor, now)


# decisions ----------------------------------------------------------------------------------------------------------


async def prepare(db: Db, application: int, actor: int, status: str, words: str, now: datetime) -> None:
    """Prepare a decision, in place of one prepared before. Conflict if the application is closed."""
    current = await db.scalar(select(ApplicationRow.status).where(ApplicationRow.id == application).with_for_update())
    if current not in OPEN:
        raise Conflict
    await drop(db, application, actor, now)
    await db.execute(
        insert(DecisionRow).values(application_id=application, status=status, note=words, by=actor, at=now)
    )
    await note(db, now, actor, Event.DECISION_PREPARED, ("application", application), current, status)


async def drop(db: Db, application: int, actor: int, now: datetime) -> bool:
    """Take back a prepared decision; False if there was none."""
    before = await db.scalar(select(DecisionRow.status).where(DecisionRow.application_id == application))
    if before is None:
        return False
    await db.execute(delete(DecisionRow).where(DecisionRow.application_id == application))
    await note(db, now, actor, Event.DECISION_DROPPED, ("application", application), before, None)
    return True


async def prepared(db: Db, programme: str) -> Sequence[Any]:
    """Decisions that wait to be told, oldest first: application_id, person_id, reference, current, status, note, by, name (of
    who prepared it), language (of the founder), answers."""
    founder = PersonRow.__table__.alias("founder")
    query = (
        select(
            DecisionRow.application_id,
            ApplicationRow.person_id,
            ApplicationRow.reference,
            ApplicationRow.status.label("current"),
            DecisionRow.status,
            DecisionRow.note,
            DecisionRow.by,
            PersonRow.name,
            founder.c.language,
            ApplicationRow.answers,
        )
        .join(ApplicationRow, ApplicationRow.id == DecisionRow.application_id)
        .join(founder, founder.c.id == ApplicationRow.person_id)
        .outerjoin(PersonRow, PersonRow.id == DecisionRow.by)
        .where(ApplicationRow.programme == programme)
        .order_by(DecisionRow.at)
    )
    return (await db.execute(query)).all()


async def release(db: Db, application: int, actor: int, now: datetime) -> str | None:
    """Make a prepared decision true, and keep its words: the new status; None if somebody else was first, or the application
    is closed."""
    query = (
        delete(DecisionRow)
        .where(DecisionRow.application_id == application)
        .returning(DecisionRow.status, DecisionRow.note)
    )
    row = (await db.execute(query)).first()
    current = await db.scalar(select(ApplicationRow.status).where(ApplicationRow.id == application).with_for_update())
    if row is None or current not in OPEN:
        return None
    await db.execute(update(ApplicationRow).where(ApplicationRow.id == application).values(words=row.note))
    await move(db, application, actor, [current], row.status, now)
    return str(row.status)


PERSONAL = (
    Personal(ReviewRow.reviewer_id, with_person, yields=one_for_each(ReviewRow.reviewer_id, ReviewRow.application_id)),
    Personal(ItemRow.asked_by, number_stays),
    Personal(DecisionRow.by, number_stays),
)
