"""What happened: one row for each deed of a founder, a coach, the team, the command line or the clock.

The rows about one founder are their timeline. What somebody writes for themselves never enters it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, null, select

from storage.database import Db
from storage.personal import Personal, blank, number_stays
from storage.tables import ApplicationRow, BookingRow, EventRow, ExchangeRow, PersonRow

_OWNERS: Mapping[str, Any] = {
    "person": PersonRow.id,
    "application": ApplicationRow.person_id,
    "booking": BookingRow.founder_id,
    "handoff": ExchangeRow.person_id,
}  # whom a subject belongs to


class Event(StrEnum):
    """Everything that is logged, by the words that databases in use hold."""

    PERSON_ERASED = "person erased"
    PEOPLE_LINKED = "linked"
    ROLE_GRANTED = "role granted"
    ROLE_REVOKED = "role taken away"
    INVITED = "invited"
    APPLICATION_SUBMITTED = "application submitted"
    ANSWER_CHANGED = "answer changed"
    DOCUMENTS_ADDED = "documents added"
    STATUS_CHANGED = "status changed"
    REVIEWED = "reviewed"
    CONFLICT_DECLARED = "conflict of interest"
    REVIEW_WITHDRAWN = "review taken back"
    CHANGES_REQUESTED = "changes asked"
    ITEM_CHANGED = "item changed"
    DECISION_PREPARED = "decision prepared"
    DECISION_DROPPED = "decision taken back"
    SESSION_BOOKED = "session booked"
    SESSION_MOVED = "session moved"
    SESSION_CONFIRMED = "session confirmed"
    SESSION_CANCELLED = "session cancelled"
    SESSION_DECLINED = "session declined"
    SESSION_DONE = "session done"
    SESSION_MISSED = "session no_show"
    COACH_ADDED = "coach added"
    COACH_CHANGED = "coach changed"
    EXCHANGE_BEGUN = "exchange begun"
    EXCHANGE_TAKEN = "exchange taken"
    EXCHANGE_ENDED = "exchange ended"
    ANNOUNCEMENT_WRITTEN = "announcement written"
    ANNOUNCEMENT_APPROVED = "announcement approved"
    ANNOUNCEMENT_SCHEDULED = "announcement scheduled"
    ANNOUNCEMENT_SENDING = "announcement sending"
    ANNOUNCEMENT_PAUSED = "announcement paused"
    ANNOUNCEMENT_DONE = "announcement done"
    ANNOUNCEMENT_STOPPED = "announcement stopped"
    ANNOUNCEMENT_REFUSED = "announcement refused"


@dataclass(frozen=True, slots=True)
class Logged:
    """An event as it was logged."""

    at: datetime
    actor: int | None  # None: the command line, or the clock
    event: Event
    subject: str  # e.g. "application:17"
    detail: str
    before: Any
    after: Any


async def note(
    db: Db,
    now: datetime,
    actor: int | None,
    event: Event,
    subject: tuple[str, int],
    before: Any = None,
    after: Any = None,
    *,
    detail: str = "",
) -> None:
    """Log an event; `actor` is None for the command line and the clock. It stands on the timeline of the person whom its
    subject ("application", 17) belongs to."""
    kind, id = subject
    owner = _OWNERS.get(kind)
    row = {
        "actor_id": actor,
        "action": event.value,
        "subject": f"{kind}:{id}" if id else kind,
        "detail": detail[:60],
        "person_id": select(owner).where(owner.class_.id == id).scalar_subquery() if owner is not None else None,
    }
    await db.execute(insert(EventRow).values(at=now, before=before, after=after, **row))


async def timeline(db: Db, person: int) -> Sequence[Logged]:
    """What happened about one person, oldest first."""
    columns = (
        EventRow.at,
        EventRow.actor_id,
        EventRow.action,
        EventRow.subject,
        EventRow.detail,
        EventRow.before,
        EventRow.after,
    )
    rows = await db.execute(select(*columns).where(EventRow.person_id == person).order_by(EventRow.id))
    return [Logged(at, actor, Event(action), *rest) for at, actor, action, *rest in rows]


# an erased person's events keep what happened and when, and no words
PERSONAL = (
    Personal(EventRow.person_id, blank(EventRow.person_id, before=null(), after=null())),
    Personal(EventRow.actor_id, number_stays),
)
