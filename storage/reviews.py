"""What reviewers make of applications: points, notes, conflicts of interest; and what each has still to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.applications import COLUMNS, OPEN, Application
from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, one_for_each, with_person
from storage.tables import ApplicationRow, PersonRow, ReviewRow


@dataclass(frozen=True, slots=True)
class Review:
    """What one reviewer makes of one application."""

    reviewer_id: int
    name: str  # of the reviewer
    scores: Mapping[str, int]  # points by criterion; empty for a conflict of interest
    notes: str
    conflict: bool
    at: datetime


class Unread(NamedTuple):
    """An application that somebody has still to read, and how many have reviewed it."""

    application: Application
    reviews: int


async def queue(db: Db, programme: str, reviewer: int) -> list[Unread]:
    """Open applications that this reviewer has neither reviewed nor left for a conflict. The least reviewed first, then the
    earliest promise."""
    mine = select(ReviewRow.application_id).where(ReviewRow.reviewer_id == reviewer)
    done = (
        select(func.count())
        .where(ReviewRow.application_id == ApplicationRow.id, ReviewRow.conflict.is_(False))
        .correlate(ApplicationRow)
        .scalar_subquery()
        .label("reviews")
    )
    query = (
        select(*COLUMNS, done)
        .outerjoin(PersonRow, PersonRow.id == ApplicationRow.person_id)
        .where(
            ApplicationRow.programme == programme,
            ApplicationRow.status.in_(OPEN),
            ApplicationRow.person_id.is_not(None),
            ApplicationRow.person_id != reviewer,
            ApplicationRow.id.not_in(mine),
        )
        .order_by(done, ApplicationRow.promised_on, ApplicationRow.id)
    )
    return [Unread(Application(*row), reviews) for *row, reviews in await db.execute(query)]


async def of(db: Db, application: int) -> list[Review]:
    """The reviews of an application, oldest first."""
    query = (
        select(
            ReviewRow.reviewer_id, PersonRow.name, ReviewRow.scores, ReviewRow.notes, ReviewRow.conflict, ReviewRow.at
        )
        .join(PersonRow, PersonRow.id == ReviewRow.reviewer_id)
        .where(ReviewRow.application_id == application)
        .order_by(ReviewRow.at)
    )
    return [Review(*row) for row in await db.execute(query)]


async def all_scores(db: Db) -> dict[int, list[Mapping[str, int]]]:
    """The points of every review by application, conflicts left out."""
    given: dict[int, list[Mapping[str, int]]] = {}
    for application, scores in await db.execute(
        select(ReviewRow.application_id, ReviewRow.scores).where(ReviewRow.conflict.is_(False))
    ):
        given.setdefault(application, []).append(scores)
    return given


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


PERSONAL = (
    Personal(ReviewRow.reviewer_id, with_person, yields=one_for_each(ReviewRow.reviewer_id, ReviewRow.application_id)),
)
