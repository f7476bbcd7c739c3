"""Coaches: what they offer, their weekly hours, and the days that differ."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import delete, insert, or_, select, update

from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, with_person
from storage.tables import CoachRow, DayRow, HoursRow


@dataclass(frozen=True, slots=True)
class Coach:
    """What a coach offers."""

    person_id: int
    name: str  # as founders read it
    topics: Sequence[str]
    languages: Sequence[str]
    link: str  # where online sessions take place
    per_week: int  # sessions at most; 0 for no limit
    feed: str  # the secret in the address of their calendar
    away: bool  # takes no new bookings


class Hours(NamedTuple):
    """When a coach receives, every week: local wall time, minutes after midnight. Monday is 0."""

    id: int
    coach_id: int
    weekday: int
    start: int
    end: int
    place: str
    since: date | None
    until: date | None


class DayThatDiffers(NamedTuple):
    """A day off (without hours), or open for some hours; of the whole hub without a coach."""

    id: int
    coach_id: int | None
    day: date
    start: int | None
    end: int | None
    place: str


async def keep(
    db: Db,
    person: int,
    now: datetime,
    *,
    actor: int | None = None,
    name: str | None = None,
    topics: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
    link: str | None = None,
    per_week: int | None = None,
    away: bool | None = None,
) -> None:
    """Make somebody a coach, or change what they offer; what is None stays."""
    given: dict[str, object] = {
        "name": name,
        "topics": list(topics) if topics is not None else None,
        "languages": list(languages) if languages is not None else None,
        "link": link,
        "per_week": per_week,
        "away": away,
    }
    offers = {column: value for column, value in given.items() if value is not None}
    before = await one(db, person)
    if before is None:
        blank = {"name": "", "topics": [], "languages": [], "link": "", "per_week": 0, "away": False}
        await db.execute(
            insert(CoachRow).values(person_id=person, feed=secrets.token_urlsafe(24), **{**blank, **offers})
        )
    else:
        await db.execute(update(CoachRow).where(CoachRow.person_id == person).values(**offers))
    event, told = Event.COACH_CHANGED if before else Event.COACH_ADDED, {k: v for k, v in offers.items() if k != "link"}
    await note(db, now, actor, event, ("person", person), None, told)


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


async def one(db: Db, person: int) -> Coach | None:
    """What a coach offers; None if they are none."""
    row = (await db.execute(select(*_OFFERS).where(CoachRow.person_id == person))).first()
    return Coach(*row) if row is not None else None


async def by_feed(db: Db, feed: str) -> Coach | None:
    """The coach whose calendar has this secret address."""
    row = (await db.execute(select(*_OFFERS).where(CoachRow.feed == feed))).first()
    return Coach(*row) if row is not None else None


async def listed(db: Db) -> dict[int, Coach]:
    """Every coach by their person."""
    return {row.person_id: Coach(*row) for row in await db.execute(select(*_OFFERS).order_by(CoachRow.person_id))}


async def lock(db: Db, coach: int) -> None:
    """Nobody else gives away this coach's time until the end of the transaction: what one sees free then is free."""
    await db.execute(select(CoachRow.person_id).where(CoachRow.person_id == coach).with_for_update())


# hours --------------------------------------------------------------------------------------------------------------


async def hours(db: Db, coach: int | None = None) -> list[Hours]:
    """Weekly hours, of one coach or of all."""
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
    return [Hours(*row) for row in await db.execute(query.order_by(HoursRow.weekday, HoursRow.start))]


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


async def days(db: Db, first: date, last: date, coach: int | None = None) -> list[DayThatDiffers]:
    """Days that differ, the hub's own among them."""
    query = select(DayRow.id, DayRow.coach_id, DayRow.day, DayRow.start, DayRow.end, DayRow.place).where(
        DayRow.day.between(first, last)
    )
    if coach is not None:
        query = query.where(or_(DayRow.coach_id == coach, DayRow.coach_id.is_(None)))
    return [DayThatDiffers(*row) for row in await db.execute(query.order_by(DayRow.day, DayRow.start))]


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
