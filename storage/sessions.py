"""Sessions: booked, moved, ended. The database refuses what overlaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from storage import Conflict
from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, blank
from storage.tables import BookingRow, CoachRow, EventRow, OutboxRow, PersonRow, ReminderRow

LIVE = ("asked", "confirmed")


@dataclass(frozen=True, slots=True)
class When:
    """A time that is booked: what was agreed (wall time and zone), and the instants that follow from it."""

    wall: str  # "2026-11-26T10:00"
    zone: str
    starts_at: datetime
    ends_at: datetime
    free_at: datetime  # after the coach's pause


@dataclass(frozen=True, slots=True)
class Session:
    """A session, with its coach's and its founder's names: "" once they are erased."""

    id: int
    coach_id: int | None
    founder_id: int | None
    topic: str
    place: str  # site or online
    wall: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    state: str  # asked confirmed cancelled declined done no_show
    sure: bool
    goal: str
    files: Sequence[str]
    reason: str
    notes: str
    steps: str
    rating: int | None
    changes: int
    created_at: datetime
    changed_at: datetime
    coach: str
    link: str  # of the coach
    founder: str  # as the platform shows them
    founder_profile: Mapping[str, object] | None


class Taken(NamedTuple):
    """The time of a live session, to the end of the coach's pause."""

    id: int
    coach_id: int | None
    founder_id: int | None
    starts_at: datetime
    free_at: datetime


class Agreed(NamedTuple):
    """What was agreed of a session to come, and the instants that followed from it."""

    id: int
    wall: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    free_at: datetime


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


async def explain(db: Db, id: int, founder: int, reason: str, now: datetime) -> bool:
    """Keep why a founder cancelled a session; False if it was not they who did, or it is explained already."""
    theirs = exists().where(
        EventRow.subject == f"booking:{id}",
        EventRow.action == Event.SESSION_CANCELLED.value,
        EventRow.actor_id == founder,
    )
    done = update(BookingRow).where(
        BookingRow.id == id, BookingRow.founder_id == founder, BookingRow.state == "cancelled", BookingRow.reason == ""
    )
    return bool((await db.execute(done.where(theirs).values(reason=reason, changed_at=now))).rowcount)


async def come(db: Db, id: int, now: datetime) -> None:
    """The founder says that they will come."""
    await _write(db, id, now, sure=True)


async def add_files(db: Db, id: int, files: Sequence[str], now: datetime) -> None:
    """Documents of the founder for a session, all of them."""
    await _write(db, id, now, files=list(files))


async def write_notes(db: Db, id: int, notes: str, steps: str, now: datetime) -> None:
    """What the coach noted, and what comes next: the session took place."""
    await _write(db, id, now, notes=notes, steps=steps, state="done")


async def rate(db: Db, id: int, rating: int, now: datetime) -> None:
    """How a session was, from 1 to 5."""
    await _write(db, id, now, rating=rating)


async def comment(db: Db, id: int, feedback: str, now: datetime) -> None:
    """How a session was, in the founder's words."""
    await _write(db, id, now, feedback=feedback)


async def _write(db: Db, id: int, now: datetime, **what: object) -> None:
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
    func.coalesce(CoachRow.name, "").label("coach"),
    func.coalesce(CoachRow.link, "").label("link"),
    func.coalesce(PersonRow.name, "").label("founder"),
    PersonRow.profile.label("founder_profile"),
)
_JOINED = (
    select(*_COLUMNS)
    .select_from(BookingRow)
    .outerjoin(CoachRow, CoachRow.person_id == BookingRow.coach_id)
    .outerjoin(PersonRow, PersonRow.id == BookingRow.founder_id)
)


async def one(db: Db, id: int) -> Session | None:
    """A session; None if there is none."""
    row = (await db.execute(_JOINED.where(BookingRow.id == id))).first()
    return Session(*row) if row is not None else None


async def get(db: Db, id: int) -> Session:
    """A session that there is; LookupError if there is none."""
    session = await one(db, id)
    if session is None:
        raise LookupError(id)
    return session


async def several(db: Db, ids: Iterable[int]) -> dict[int, Session]:
    """Sessions by id."""
    return {row.id: Session(*row) for row in await db.execute(_JOINED.where(BookingRow.id.in_(tuple(ids))))}


async def of_founder(db: Db, founder: int, now: datetime) -> list[Session]:
    """A founder's sessions to come, soonest first."""
    query = _JOINED.where(BookingRow.founder_id == founder, BookingRow.state.in_(LIVE), BookingRow.ends_at > now)
    return await _listed(db, query.order_by(BookingRow.starts_at))


async def of_coach(
    db: Db, coach: int, first: datetime, last: datetime, states: Iterable[str] = (*LIVE, "done", "no_show")
) -> list[Session]:
    """A coach's sessions that begin from `first` until before `last`."""
    query = _JOINED.where(
        BookingRow.coach_id == coach,
        BookingRow.starts_at >= first,
        BookingRow.starts_at < last,
        BookingRow.state.in_(tuple(states)),
    )
    return await _listed(db, query.order_by(BookingRow.starts_at))


async def taken(db: Db, first: datetime, last: datetime) -> list[Taken]:
    """What is taken between two instants."""
    booked = select(
        BookingRow.id, BookingRow.coach_id, BookingRow.founder_id, BookingRow.starts_at, BookingRow.free_at
    ).where(BookingRow.state.in_(LIVE), BookingRow.free_at > first, BookingRow.starts_at < last)
    return [Taken(*row) for row in await db.execute(booked)]


async def before(db: Db, founder: int, coach: int) -> list[Session]:
    """Past sessions of a founder with a coach, newest first: what was noted comes back before the next one."""
    query = _JOINED.where(BookingRow.founder_id == founder, BookingRow.coach_id == coach, BookingRow.state == "done")
    return await _listed(db, query.order_by(BookingRow.starts_at.desc()).limit(3))


async def _listed(db: Db, query: Select[Any]) -> list[Session]:
    return [Session(*row) for row in await db.execute(query)]


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


async def load(db: Db, first: datetime, last: datetime) -> dict[int, int]:
    """How many sessions each coach has between two instants."""
    query = select(BookingRow.coach_id, func.count()).where(
        BookingRow.state.in_(LIVE), BookingRow.starts_at >= first, BookingRow.starts_at < last
    )
    return {coach: n for coach, n in await db.execute(query.group_by(BookingRow.coach_id)) if coach is not None}


async def to_recompute(db: Db, now: datetime) -> list[Agreed]:
    """Every session to come, for a change of the zone's rules."""
    query = select(
        BookingRow.id, BookingRow.wall, BookingRow.zone, BookingRow.starts_at, BookingRow.ends_at, BookingRow.free_at
    )
    coming = query.where(BookingRow.state.in_(LIVE), BookingRow.starts_at > now)
    return [Agreed(*row) for row in await db.execute(coming)]


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
    empty: dict[str, object] = {
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
