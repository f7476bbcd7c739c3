"""Two people of two apps become one."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import aliased

from storage import Conflict, talks
from storage.database import Db
from storage.event_log import Event, note
from storage.people import ROLES
from storage.privacy import PERSONAL
from storage.sessions import LIVE
from storage.tables import (
    OPEN,
    ApplicationRow,
    BookingRow,
    CoachRow,
    ConsentRow,
    PersonRow,
)
from storage.talks import Side

Obstacle: TypeAlias = Literal["coaches", "applications", "sessions"]


async def between(db: Db, one: int, other: int) -> Obstacle | None:
    """What keeps two people from being made one: both are coaches, both have an open application, two sessions overlap."""
    coaches = select(func.count()).where(CoachRow.person_id.in_((one, other)))
    if (await db.scalar(coaches) or 0) > 1:
        return "coaches"
    mine, theirs = aliased(ApplicationRow), aliased(ApplicationRow)
    both = (mine.person_id == one, theirs.person_id == other, mine.programme == theirs.programme)
    if (
        await db.scalar(select(mine.id).where(*both, mine.status.in_(OPEN), theirs.status.in_(OPEN)).limit(1))
        is not None
    ):
        return "applications"
    first, second = aliased(BookingRow), aliased(BookingRow)
    whose = (first.founder_id == one, second.founder_id == other, first.state.in_(LIVE), second.state.in_(LIVE))
    overlap = (first.starts_at < second.ends_at, second.starts_at < first.ends_at)
    if await db.scalar(select(first.id).where(*whose, *overlap).limit(1)) is not None:
        return "sessions"
    return None


async def merge(db: Db, speaks: int, other: int, now: datetime) -> int:
    """Make two people one, with all that either told us; who they are from now on.

    A coach stays who they are, or else whoever is more than a founder, or else the elder: their number stands in old buttons
    of colleagues. Conversations get new numbers, so that no old button answers a question of the other talk; half-done ones
    of one name become one, in which the newer answers count. In front stays what `speaks` sees now.
    """
    both = {
        row.id: row
        for row in await db.execute(
            select(PersonRow).where(PersonRow.id.in_((speaks, other))).order_by(PersonRow.id).with_for_update()
        )
    }
    if len(both) < 2:
        raise Conflict  # erased meanwhile
    coaches = set(await db.scalars(select(CoachRow.person_id).where(CoachRow.person_id.in_(tuple(both)))))
    stays = min(both.values(), key=lambda row: (row.id not in coaches, row.roles == "founder", row.id))
    goes = both[speaks + other - stays.id]
    joined = await talks.join(
        db, stays.id, *(Side(row.id, row.front, row.talks) for row in (both[speaks], both[other]))
    )
    for declared in PERSONAL:
        if declared.yields is not None:
            await declared.yields(db, stays.id, goes.id, now)
        if declared.changes_hands:
            column = declared.column
            await db.execute(update(column.class_).where(column == goes.id).values({column: stays.id}))
    await db.execute(delete(PersonRow).where(PersonRow.id == goes.id))
    whole = {
        "created_at": min(stays.created_at, goes.created_at),
        "seen_at": max(stays.seen_at, goes.seen_at),
        "language": both[other].language or both[speaks].language,
        "name": stays.name or goes.name,
        "roles": " ".join(role for role in ROLES if role in {*stays.roles.split(), *goes.roles.split()}),
        "agreed": await _agreed(db, stays.id),
        "profile": {**goes.profile, **stays.profile},
        "front": joined.front,
        "talks": joined.talks,
        "handoff": stays.handoff or goes.handoff,
    }
    await db.execute(update(PersonRow).where(PersonRow.id == stays.id).values(**whole))
    await note(db, now, stays.id, Event.PEOPLE_LINKED, ("person", stays.id), None, {"person": goes.id})
    return int(stays.id)


async def _agreed(db: Db, person: int) -> list[str]:
    """What a person agrees to now, by the newest of their answers to each."""
    rows = await db.execute(
        select(ConsentRow.purpose, ConsentRow.granted)
        .where(ConsentRow.person_id == person)
        .order_by(ConsentRow.at, ConsentRow.id)
    )
    newest = {row.purpose: row.granted for row in rows}
    return sorted(purpose for purpose, granted in newest.items() if granted)
