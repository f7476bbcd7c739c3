"""Coaches: what they offer, their weekly hours, and the days that differ."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, with_person
from storage.tables import CoachRow, DayRow, HoursRow


async def keep(db: Db, person: int, now: datetime, *, actor: int | None = None, **offers: Any) -> None:
    """Make somebody a coach, or change what they offer: name, topics, languages, link, per_week, away."""
    before = await one(db, person)
    if before is None:
        blank: dict[str, Any] = {"name": "", "topics": [], "languages": [], "link": "", "per_week": 0, "away": False}
        await db.execute(
            insert(CoachRow).values(person_id=person, feed=secrets.token_urlsafe(24), **{**blank, **offers})
        )
    else:
        await db.execute(update(CoachRow).where(CoachRow.person_id == person).values(**offers))
    await note(
        db,
        now,
        actor,
        Event.COACH_CHANGED if before else Event.COACH_ADDED,
        ("person", person),
        None,
        {k: v for k, v in offers.items() if k != "link"},
    )


_OFFERS = (
    CoachRow.person_id,
    CoachRow.name,
    CoachRow.topics,
    CoachRow.languages,
    CoachRow.link,
    CoachRow.per_week,
    CoachRow.feed,
    CoachRow.away,
)


async def one(db: Db, person: int) -> Any:
    """What a coach offers: person_id, name, topics, languages, link, per_week, feed, away; None if they are none."""
    return (await db.execute(select(*_OFFERS).where(CoachRow.person_id == person))).first()


async def by_feed(db: Db, feed: str) -> Any:
    """The coach whose calendar has this secret address."""
    return (await db.execute(select(*_OFFERS).where(CoachRow.feed == feed))).first()


async def listed(db: Db) -> Mapping[int, Any]:
    """Every coach by their person, with the same columns."""
    return {row.person_id: row for row in await db.execute(select(*_OFFERS).order_by(CoachRow.person_id))}


# hours --------------------------------------------------------------------------------------------------------------


async def hours(db: Db, coach: int | None = None) -> Sequence[Any]:
    """Weekly hours: id, coach_id, weekday, start, end, place, since, until."""
    query = select(
        HoursRow.id,
        HoursRow.coach_id,
        HoursRow.weekday,
        HoursRow.start,
        HoursRow.end,
        HoursRow.place,
        HoursRow.since,
        HoursRow.until,
    )
    if coach is not None:
        query = query.where(HoursRow.coach_id == coach)
    return (await db.execute(query.order_by(HoursRow.weekday, HoursRow.start))).all()


async def open_weekly(
    db: Db,
    coach: int,
    weekday: int,
    start: int,
    end: int,
    place: str,
    since: date | None = None,
    until: date | None = None,
) -> None:
    """Receive every week at these hours; hours of the same dates that overlap them are replaced."""
    same = (HoursRow.coach_id == coach, HoursRow.weekday == weekday, HoursRow.start < end, HoursRow.end > start)
    dates = (
        HoursRow.since.is_(None) if since is None else HoursRow.since == since,
        HoursRow.until.is_(None) if until is None else HoursRow.until == until,
    )
    await db.execute(delete(HoursRow).where(*same, *dates))
    await db.execute(
        insert(HoursRow).values(
            coach_id=coach, weekday=weekday, start=start, end=end, place=place, since=since, until=until
        )
    )


async def close_weekly(db: Db, coach: int, id: int) -> bool:
    """Receive at these hours no more; False if there are none such."""
    return bool((await db.execute(delete(HoursRow).where(HoursRow.coach_id == coach, HoursRow.id == id))).rowcount)


async def days(db: Db, first: date, last: date, coach: int | None = None) -> Sequence[Any]:
    """Days that differ, the hub's own among them: id, coach_id, day, start, end, place."""
    query = select(DayRow.id, DayRow.coach_id, DayRow.day, DayRow.start, DayRow.end, DayRow.place).where(
        DayRow.day.between(first, last)
    )
    if coach is not None:
        query = query.where(or_(DayRow.coach_id == coach, DayRow.coach_id.is_(None)))
    return (await db.execute(query.order_by(DayRow.day, DayRow.start))).all()


async def set_day(
    db: Db, coach: int | None, day: date, start: int | None = None, end: int | None = None, place: str = ""
) -> None:
    """Take a day off (no hours given), or open it for some hours beside the usual ones. A day off cancels extra hours, and the reverse."""
    same = (DayRow.coach_id.is_(None) if coach is None else DayRow.coach_id == coach, DayRow.day == day)
    await db.execute(delete(DayRow).where(*same, DayRow.start.is_(None) if start is not None else DayRow.day == day))
    await db.execute(insert(DayRow).values(coach_id=coach, day=day, start=start, end=end, place=place))


async def clear_day(db: Db, coach: int | None, day: date) -> bool:
    """The day is as every week again; False if it was."""
    same = (DayRow.coach_id.is_(None) if coach is None else DayRow.coach_id == coach, DayRow.day == day)
    return bool((await db.execute(delete(DayRow).where(*same))).rowcount)


# of two coaches nothing is made one: a coach stays who they are, with their hours
PERSONAL = (
    Personal(CoachRow.person_id, with_person, changes_hands=False),
    Personal(HoursRow.coach_id, with_person, changes_hands=False),
    Personal(DayRow.coach_id, with_person, changes_hands=False),
)
