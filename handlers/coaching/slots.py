"""Which times are free: weekly hours, days that differ, holidays and what is taken, as plain computation.

Hours are local wall time; an instant follows from them only here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from handlers.programme.model import Coaching, Programme
from storage import coaches, sessions, waits
from storage.coaches import Coach, DayThatDiffers, Hours
from storage.database import Db
from storage.sessions import Session, When
from storage.waits import Wait


@dataclass(frozen=True, slots=True)
class Slot:
    """A time a coach could take: `place` is site, online, or both."""

    coach: int
    starts_at: datetime  # UTC
    place: str

    @property
    def id(self) -> str:
        """What a button carries."""
        return f"{self.coach}.{int(self.starts_at.timestamp()) // 60}"


class Busy(NamedTuple):
    """A time at which nobody else can have a coach: a session with its pause, or what is held for somebody."""

    coach_id: int | None
    founder_id: int | None
    starts_at: datetime
    free_at: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """Who coaches, and every free slot within the horizon, soonest first."""

    coaches: Mapping[int, Coach]
    slots: Sequence[Slot]
    load: Mapping[int, int]  # sessions of each coach within the horizon
    known: Collection[int]  # coaches who know this founder's project
    language: str = ""  # the founder's

    def of(self, topic: str) -> list[Slot]:
        """The free slots for a topic."""
        return [slot for slot in self.slots if topic in self.coaches[slot.coach].topics]

    def topics(self) -> set[str]:
        """What somebody coaches."""
        return {topic for coach in self.coaches.values() if not coach.away for topic in coach.topics}

    def best(self, slots: Sequence[Slot]) -> list[Slot]:
        """One slot for each time: of the coach who knows the project, else who speaks the founder's language, else with the fewest sessions."""
        chosen: dict[datetime, Slot] = {}
        for slot in slots:
            other = chosen.get(slot.starts_at)
            if other is None or self._rank(slot) < self._rank(other):
                chosen[slot.starts_at] = slot
        return [chosen[at] for at in sorted(chosen)]

    def _rank(self, slot: Slot) -> tuple[bool, bool, int, int]:
        foreign = self.language not in self.coaches[slot.coach].languages
        return slot.coach not in self.known, foreign, self.load.get(slot.coach, 0), slot.coach


async def calendar(
    db: Db,
    programme: Programme,
    founder: int,
    now: datetime,
    *,
    but: int = 0,
    language: str = "",
    for_offer: bool = False,
) -> Calendar:
    """What this founder could book now (0: anybody). The session `but`, which is to be moved, counts as free, and so
    does what is held for this very founder, unless it is `for_offer`: nobody is offered what they hold."""
    rules = programme.coaching
    assert rules is not None
    first, last = now + timedelta(hours=rules.lead), now + timedelta(days=rules.horizon)
    length, gap = timedelta(minutes=rules.length), timedelta(minutes=rules.gap)
    around = now - timedelta(days=7), last + timedelta(days=7)
    coaching = await coaches.listed(db)
    booked = [Busy(*row[1:]) for row in await sessions.taken(db, *around) if row.id != but]
    held = [
        Busy(slot.coach, wait.person, slot.starts_at, slot.starts_at + length + gap)
        for wait in await waits.holding(db, *around)
        if (slot := held_by(wait)) is not None and (for_offer or wait.person != founder)
    ]
    days = await coaches.days(db, (first - timedelta(days=1)).date(), (last + timedelta(days=1)).date())
    every = free(rules, programme.zone, coaching, await coaches.hours(db), days, [*booked, *held], first, last)
    mine = [busy for busy in (*booked, *held) if busy.founder_id == founder]
    apart = [
        slot
        for slot in every
        if not any(busy.starts_at < slot.starts_at + length and slot.starts_at < busy.free_at for busy in mine)
    ]
    return Calendar(
        coaching, apart, await sessions.load(db, now, last), await sessions.known_coaches(db, founder), language
    )


def free(
    rules: Coaching,
    zone: ZoneInfo,
    coaches_: Mapping[int, Coach],
    hours: Sequence[Hours],
    days: Sequence[DayThatDiffers],
    taken: Sequence[Busy],
    first: datetime,
    last: datetime,
) -> list[Slot]:
    """The free slots that begin between two instants, soonest first."""
    length, step = timedelta(minutes=rules.length), rules.length + rules.gap
    busy: dict[int, list[tuple[datetime, datetime]]] = {}
    for row in taken:
        if row.coach_id is not None:
            busy.setdefault(row.coach_id, []).append((row.starts_at, max(row.free_at, row.starts_at + length)))
    found: list[Slot] = []
    day, end = first.astimezone(zone).date(), last.astimezone(zone).date()
    while day <= end:
        for id, coach in coaches_.items():
            if coach.away or (coach.per_week and _in_week(busy.get(id, ()), day, zone) >= coach.per_week):
                continue
            for start, until, place in sorted(windows(rules, hours, days, id, day)):
                for minute in range(start, until - rules.length + 1, step):
                    at = instant(day, minute, zone)
                    if first <= at <= last and not any(
                        at < over and begun < at + length + timedelta(minutes=rules.gap)
                        for begun, over in busy.get(id, ())
                    ):
                        found.append(Slot(id, at, place))
        day += timedelta(days=1)
    return sorted(found, key=lambda slot: (slot.starts_at, slot.coach))


def windows(
    rules: Coaching, hours: Sequence[Hours], days: Sequence[DayThatDiffers], coach: int, day: date
) -> Iterator[tuple[int, int, str]]:
    """When a coach receives on a day: (from, until, place), minutes after midnight."""
    theirs = [row for row in days if row.day == day and row.coach_id in (None, coach)]
    for row in theirs:
        if row.start is not None and row.end is not None:
            yield row.start, row.end, row.place
    hub_open = any(row.coach_id is None and row.start is not None for row in theirs) or day in rules.open
    if (
        any(row.start is None for row in theirs)
        or day in rules.closed
        or (day in holidays_of(rules.holidays, day.year) and not hub_open)
    ):
        return
    weekly = [row for row in hours if row.coach_id == coach]
    dated = [row for row in weekly if _dated(row) and (row.since or day) <= day <= (row.until or day)]
    # hours with dates (Ramadan's) stand in for the usual ones, on all weekdays
    for window in dated or [row for row in weekly if not _dated(row)]:
        if window.weekday == day.weekday():
            yield window.start, window.end, window.place


def _dated(row: Hours) -> bool:
    return row.since is not None or row.until is not None


def _in_week(busy: Sequence[tuple[datetime, datetime]], day: date, zone: ZoneInfo) -> int:
    week = day.isocalendar()[:2]
    return sum(begun.astimezone(zone).date().isocalendar()[:2] == week for begun, _over in busy)


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant of a local wall time."""
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)


def held_for(wait: Wait, now: datetime) -> Slot | None:
    """The slot that somebody in line can take at this moment."""
    return held_by(wait) if wait.held is not None and wait.held.until > now else None


def held_by(wait: Wait) -> Slot | None:
    """The slot that is held for somebody in line, and for nobody else until it is taken back."""
    held = wait.held
    if held is None or held.coach_id is None or held.starts_at is None:
        return None
    return Slot(held.coach_id, held.starts_at, held.place)


def clash(slot: Slot, session: Session, rules: Coaching) -> bool:
    """Whether a session takes a slot from its founder, who is in one place, or from its coach, whose pause counts."""
    apart = rules.length + (rules.gap if slot.coach == session.coach_id else 0)
    return abs(slot.starts_at - session.starts_at) < timedelta(minutes=apart)


def too_late(session: Session, rules: Coaching, now: datetime) -> bool:
    """Whether a founder can no longer move or cancel a session; then the team can help."""
    return session.starts_at - now < timedelta(hours=rules.change)


def when(slot: Slot, rules: Coaching, zone: ZoneInfo) -> When:
    """A slot as it is booked."""
    over = slot.starts_at + timedelta(minutes=rules.length)
    wall = slot.starts_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    return When(wall, zone.key, slot.starts_at, over, over + timedelta(minutes=rules.gap))


@cache
def holidays_of(country: str, year: int) -> Mapping[date, str]:
    """The public holidays of a country's year and their English names; those of the moon are estimates. {} without a country."""
    if not country:
        return {}
    import holidays

    return dict(holidays.country_holidays(country, years=year, language="en_US").items())
