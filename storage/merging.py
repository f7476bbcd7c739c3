"""Two people of two apps become one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import aliased

from storage import Conflict
from storage.database import Db
from storage.event_log import Event, note
from storage.people import ROLES
from storage.sessions import LIVE
from storage.tables import (
    OPEN,
    AddressRow,
    ApplicationRow,
    BookingRow,
    BroadcastRow,
    CoachRow,
    ConsentRow,
    DecisionRow,
    EventRow,
    FileRow,
    HandoffRow,
    InboxRow,
    InviteRow,
    ItemRow,
    LinkRow,
    MentionRow,
    OutboxRow,
    PersonRow,
    ReminderRow,
    ReviewRow,
    TalkRow,
    WaitRow,
)

# every column that names a person, but those of `people` itself and of coaches: of two coaches nothing is made one
PERSONAL = (
    AddressRow.person_id,
    InboxRow.person_id,
    OutboxRow.person_id,
    FileRow.person_id,
    ConsentRow.person_id,
    ApplicationRow.person_id,
    HandoffRow.person_id,
    HandoffRow.taken_by,
    HandoffRow.answered_by,
    ReviewRow.reviewer_id,
    ItemRow.asked_by,
    DecisionRow.by,
    InviteRow.by,
    BroadcastRow.author_id,
    BroadcastRow.approver_id,
    BookingRow.founder_id,
    BookingRow.coach_id,
    WaitRow.founder_id,
    WaitRow.coach_id,
    ReminderRow.person_id,
    MentionRow.person_id,
    LinkRow.person_id,
    EventRow.actor_id,
    EventRow.person_id,
)


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
    found = {
        row.id: row
        for row in await db.execute(
            select(PersonRow).where(PersonRow.id.in_((speaks, other))).order_by(PersonRow.id).with_for_update()
        )
    }
    if len(found) < 2:
        raise Conflict  # erased meanwhile
    coaches = set(await db.scalars(select(CoachRow.person_id).where(CoachRow.person_id.in_(tuple(found)))))
    stays = min(found.values(), key=lambda row: (row.id not in coaches, row.roles == "founder", row.id))
    goes = found[speaks + other - stays.id]
    talks, front = await _talks(db, found[speaks], found[other])
    await _only_one(db, stays, goes, now)
    for column in PERSONAL:
        await db.execute(update(column.class_).where(column == goes.id).values({column: stays.id}))
    await db.execute(delete(TalkRow).where(TalkRow.person_id.in_(tuple(found))))
    if talks:
        await db.execute(insert(TalkRow), [talk | {"person_id": stays.id} for talk in talks])
    await db.execute(delete(PersonRow).where(PersonRow.id == goes.id))
    whole = {
        "created_at": min(stays.created_at, goes.created_at),
        "seen_at": max(stays.seen_at, goes.seen_at),
        "language": found[other].language or found[speaks].language,
        "name": stays.name or goes.name,
        "roles": " ".join(role for role in ROLES if role in {*stays.roles.split(), *goes.roles.split()}),
        "agreed": await _agreed(db, stays.id),
        "profile": {**goes.profile, **stays.profile},
        "front": front,
        "talks": max([stays.talks, goes.talks, *(talk["number"] for talk in talks)]),
        "handoff": stays.handoff or goes.handoff,
    }
    await db.execute(update(PersonRow).where(PersonRow.id == stays.id).values(**whole))
    await note(db, now, stays.id, Event.PEOPLE_LINKED, ("person", stays.id), None, {"person": goes.id})
    return int(stays.id)


async def _talks(db: Db, speaks: Any, other: Any) -> tuple[list[dict[str, Any]], int]:
    """The conversations of both, one of each name, with numbers neither ever used; and the number of the one in front."""
    query = select(TalkRow.person_id, TalkRow.number, TalkRow.name, TalkRow.state, TalkRow.touched_at)
    rows = (
        await db.execute(query.where(TalkRow.person_id.in_((speaks.id, other.id))).order_by(TalkRow.touched_at))
    ).all()
    number = max(speaks.talks, other.talks)
    named: dict[str, dict[str, Any]] = {}
    numbers: dict[tuple[int, int], int] = {}
    for row in rows:  # the newer ones last: their answers count
        talk = named.get(row.name)
        if talk is None:
            number += 1
            talk = named[row.name] = {"number": number, "name": row.name, "state": {}, "touched_at": row.touched_at}
        answers = talk["state"].get("answers", {}) | row.state.get("answers", {})
        talk["state"] = row.state | ({"answers": answers} if answers else {})
        talk["touched_at"] = row.touched_at
        talk["person"] = row.person_id
        numbers[row.person_id, row.number] = talk["number"]
    for talk in named.values():
        if under := talk["state"].get("under"):
            talk["state"]["under"] = numbers.get((talk["person"], under), 0)
        del talk["person"]
    front = numbers.get((speaks.id, speaks.front)) or numbers.get((other.id, other.front)) or 0
    return list(named.values()), front


async def _only_one(db: Db, stays: Any, goes: Any, now: datetime) -> None:
    """Where only one row a person may exist, the one of who stays does."""
    if stays.handoff and goes.handoff:
        await db.execute(update(HandoffRow).where(HandoffRow.id == goes.handoff).values(closed_at=now))
    for row, same in ((ReviewRow, "application_id"), (WaitRow, "topic"), (MentionRow, "outbox_id")):
        person = next(column for column in PERSONAL if column.class_ is row)
        held = select(getattr(row, same)).where(person == stays.id)
        await db.execute(delete(row).where(person == goes.id, getattr(row, same).in_(held)))
    await db.execute(delete(LinkRow).where(LinkRow.person_id == goes.id))


async def _agreed(db: Db, person: int) -> list[str]:
    """What a person agrees to now, by the newest of their answers to each."""
    rows = await db.execute(
        select(ConsentRow.purpose, ConsentRow.granted)
        .where(ConsentRow.person_id == person)
        .order_by(ConsentRow.at, ConsentRow.id)
    )
    newest = {row.purpose: row.granted for row in rows}
    return sorted(purpose for purpose, granted in newest.items() if granted)
