"""Sessions: booked, moved, ended; the line of those who wait. The database refuses what overlaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from storage import Conflict
from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, blank
from storage.tables import BookingRow, CoachRow, OutboxRow, PersonRow, ReminderRow, WaitRow

LIVE = ("asked", "confirmed")


@dataclass(frozen=True, slots=True)
class When:
    """A time that is booked: what was agreed (wall time and zone), and the instants that follow from it."""

    wall: str  # "2026-11-26T10:00"
    zone: str
    starts_at: datetime
    ends_at: datetime
    free_at: datetime  # after the coach's pause


async def book(
    db: Db, founder: int, coach: int, topic: str, place: str, when: When, now: datetime, *, goal: str, asked: bool
) -> int:
    """Book a session, to be confirmed by the team if `asked`; its id. Conflict if the coach or the founder has another then."""
    row = insert(BookingRow).values(
        coach_id=coach,
        founder_id=founder,
        topic=topic,
        place=place,
        wall=when.wall,
        zone=when.zone,
        starts_at=when.starts_at,
        ends_at=when.ends_at,
        free_at=when.free_at,
        state="asked" if asked else "confirmed",
        goal=goal,
        created_at=now,
        changed_at=now,
    )
    try:
        async with db.begin_nested():
            id = int((await db.execute(row.returning(BookingRow.id))).scalar_one())
    except IntegrityError as taken:
        raise Conflict from taken
    await note(db, now, founder, Event.SESSION_BOOKED, ("booking", id))
    return id


async def move(db: Db, id: int, coach: int, place: str, when: When, now: datetime, *, actor: int) -> None:
    """Another time, or another coach, for a session. Conflict if it is not free, or the session is over."""
    changed = (
        update(BookingRow)
        .where(BookingRow.id == id, BookingRow.state.in_(LIVE))
        .values(
            coach_id=coach,
            place=place,
            wall=when.wall,
            starts_at=when.starts_at,
            ends_at=when.ends_at,
            free_at=when.free_at,
            sure=False,
            changes=BookingRow.changes + 1,
            changed_at=now,
        )
    )
    try:
        async with db.begin_nested():
            if not (await db.execute(changed)).rowcount:
                raise Conflict
    except IntegrityError as taken:
        raise Conflict from taken
    await note(db, now, actor, Event.SESSION_MOVED, ("booking", id))


async def end(
    db: Db, id: int, state: str, now: datetime, *, actor: int | None, reason: str = "", of: Iterable[str] = LIVE
) -> None:
    """Cancel, decline, or close a session. Conflict if it is in none of the states `of`."""
    ended = update(BookingRow).where(BookingRow.id == id, BookingRow.state.in_(tuple(of)))
    if not (
        await db.execute(ended.values(state=state, reason=reason, changes=BookingRow.changes + 1, changed_at=now))
    ).rowcount:
        raise Conflict
    await note(db, now, actor, Event(f"session {state}"), ("booking", id))


async def write(db: Db, id: int, now: datetime, **what: Any) -> None:
    """Note something of a session: sure, files, notes, steps, rating, feedback, or its state when the team confirms."""
    await db.execute(update(BookingRow).where(BookingRow.id == id).values(changed_at=now, **what))


_COLUMNS = (
    BookingRow.id,
    BookingRow.coach_id,
    BookingRow.founder_id,
    BookingRow.topic,
    BookingRow.place,
    BookingRow.wall,
    BookingRow.zone,
    BookingRow.starts_at,
    BookingRow.ends_at,
    BookingRow.state,
    BookingRow.sure,
    BookingRow.goal,
    BookingRow.files,
    BookingRow.reason,
    BookingRow.notes,
    BookingRow.steps,
    BookingRow.rating,
    BookingRow.changes,
    BookingRow.created_at,
    BookingRow.changed_at,
    CoachRow.name.label("coach"),
    CoachRow.link,
    PersonRow.name.label("founder"),
    PersonRow.profile.label("founder_profile"),
)
_JOINED = (
    select(*_COLUMNS)
    .select_from(BookingRow)
    .outerjoin(CoachRow, CoachRow.person_id == BookingRow.coach_id)
    .outerjoin(PersonRow, PersonRow.id == BookingRow.founder_id)
)


async def one(db: Db, id: int) -> Any:
    """A session with its coach's and its founder's names; None if there is none."""
    return (await db.execute(_JOINED.where(BookingRow.id == id))).first()


async def several(db: Db, ids: Iterable[int]) -> dict[int, Any]:
    """Sessions by id, with the same columns."""
    return {row.id: row for row in await db.execute(_JOINED.where(BookingRow.id.in_(tuple(ids))))}


async def of_founder(db: Db, founder: int, now: datetime) -> Sequence[Any]:
    """A founder's sessions to come, soonest first."""
    query = _JOINED.where(BookingRow.founder_id == founder, BookingRow.state.in_(LIVE), BookingRow.ends_at > now)
    return (await db.execute(query.order_by(BookingRow.starts_at))).all()


async def of_coach(
    db: Db, coach: int, first: datetime, last: datetime, states: Iterable[str] = (*LIVE, "done", "no_show")
) -> Sequence[Any]:
    """A coach's sessions that begin from `first` until before `last`."""
    query = _JOINED.where(
        BookingRow.coach_id == coach,
        BookingRow.starts_at >= first,
        BookingRow.starts_at < last,
        BookingRow.state.in_(tuple(states)),
    )
    return (await db.execute(query.order_by(BookingRow.starts_at))).all()


async def taken(db: Db, first: datetime, last: datetime) -> Sequence[Any]:
    """What is taken between two instants, and held on offer: id, coach_id, founder_id, starts_at, free_at."""
    held = select(
        (-WaitRow.id).label("id"),
        WaitRow.coach_id,
        WaitRow.founder_id,
        WaitRow.starts_at,
        WaitRow.starts_at.label("free_at"),
    ).where(WaitRow.until.is_not(None), WaitRow.starts_at >= first, WaitRow.starts_at < last)
    booked = select(
        BookingRow.id, BookingRow.coach_id, BookingRow.founder_id, BookingRow.starts_at, BookingRow.free_at
    ).where(BookingRow.state.in_(LIVE), BookingRow.free_at > first, BookingRow.starts_at < last)
    return [*(await db.execute(booked)).all(), *(await db.execute(held)).all()]


async def before(db: Db, founder: int, coach: int) -> Sequence[Any]:
    """Past sessions of a founder with a coach, newest first: what was noted comes back before the next one."""
    query = _JOINED.where(BookingRow.founder_id == founder, BookingRow.coach_id == coach, BookingRow.state == "done")
    return (await db.execute(query.order_by(BookingRow.starts_at.desc()).limit(3))).all()


async def known_coaches(db: Db, founder: int) -> set[int]:
    """The coaches who have met this founder's project."""
    query = (
        select(BookingRow.coach_id)
        .where(BookingRow.founder_id == founder, BookingRow.state.in_(("done", "confirmed")))
        .distinct()
    )
    return {coach for coach in await db.scalars(query) if coach is not None}


async def no_shows(db: Db, founder: int) -> int:
    """How often in a row a founder did not come, lately."""
    query = select(BookingRow.state).where(BookingRow.founder_id == founder, BookingRow.state.in_(("done", "no_show")))
    count = 0
    for state in await db.scalars(query.order_by(BookingRow.starts_at.desc()).limit(5)):
        if state == "done":
            break
        count += 1
    return count


# the waiting list ---------------------------------------------------------------------------------------------------


async def load(db: Db, first: datetime, last: datetime) -> dict[int, int]:
    """How many sessions each coach has between two instants."""
    query = select(BookingRow.coach_id, func.count()).where(
        BookingRow.state.in_(LIVE), BookingRow.starts_at >= first, BookingRow.starts_at < last
    )
    return {coach: n for coach, n in await db.execute(query.group_by(BookingRow.coach_id)) if coach is not None}


async def to_recompute(db: Db, now: datetime) -> Sequence[Any]:
    """Every session to come, for a change of the zone's rules: id, wall, zone, starts_at, ends_at, free_at."""
    query = select(
        BookingRow.id, BookingRow.wall, BookingRow.zone, BookingRow.starts_at, BookingRow.ends_at, BookingRow.free_at
    )
    return (await db.execute(query.where(BookingRow.state.in_(LIVE), BookingRow.starts_at > now))).all()


async def shift(db: Db, id: int, starts_at: datetime, ends_at: datetime, free_at: datetime, now: datetime) -> None:
    """The same wall time is another instant now."""
    values = {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "free_at": free_at,
        "changes": BookingRow.changes + 1,
        "changed_at": now,
    }
    await db.execute(update(BookingRow).where(BookingRow.id == id).values(**values))


async def forget_person(db: Db, person: int, now: datetime) -> None:
    """A founder's sessions to come are cancelled and past ones keep no words, nor do the letters about them."""
    theirs = (
        await db.execute(
            select(BookingRow.id, BookingRow.coach_id, BookingRow.wall).where(BookingRow.founder_id == person)
        )
    ).all()
    for id, coach, wall in theirs:
        agendas = select(ReminderRow.id).where(
            ReminderRow.key.in_([f"{kind}:{coach}:{wall[:10]}" for kind in ("agenda", "tomorrow")])
        )
        told = or_(
            and_(OutboxRow.subject_kind == "session", OutboxRow.subject_id == id),
            and_(OutboxRow.subject_kind == "reminder", OutboxRow.subject_id.in_(agendas)),
        )
        await db.execute(delete(OutboxRow).where(told))
    empty: dict[str, Any] = {
        "founder_id": None,
        "goal": "",
        "files": [],
        "reason": "",
        "notes": "",
        "steps": "",
        "feedback": "",
        "changed_at": now,
    }
    state = case((and_(BookingRow.state.in_(LIVE), BookingRow.starts_at > now), "cancelled"), else_=BookingRow.state)
    await db.execute(update(BookingRow).where(BookingRow.founder_id == person).values(**empty, state=state))


PERSONAL = (
    Personal(
        BookingRow.founder_id,
        forget_person,
        {
            "sessions": select(
                BookingRow.topic,
                BookingRow.place,
                BookingRow.wall,
                BookingRow.zone,
                BookingRow.state,
                BookingRow.goal,
                BookingRow.steps,
                BookingRow.rating,
                BookingRow.feedback,
            ).order_by(BookingRow.id)
        },
    ),
    Personal(BookingRow.coach_id, blank(BookingRow.coach_id)),
)
