"""Which times are free: weekly hours, days that differ, holidays and what is taken, as plain computation.

Hours are local wall time; an instant follows from them only here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from handlers.programme.model import Coaching, Programme
from storage import coaches, sessions
from storage.database import Db
from storage.sessions import When


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


@dataclass(frozen=True, slots=True)
class Calendar:
    """Who coaches, and every free slot within the horizon, soonest first."""

    coaches: Mapping[int, Any]
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
    db: Db, programme: Programme, founder: int, now: datetime, *, but: int = 0, language: str = ""
) -> Calendar:
    """What this founder could book now (0: anybody); the booking `but`, which is to be moved, counts as free."""
    rules = programme.coaching
    assert rules is not None
    first, last = now + timedelta(hours=rules.lead), now + timedelta(days=rules.horizon)
    found = await coaches.listed(db)
    taken = [
        row for row in await sessions.taken(db, now - timedelta(days=7), last + timedelta(days=7)) if row.id != but
    ]
    mine = [row for row in taken if row.founder_id == founder]
    # a slot on offer to this very founder is theirs to take
    others = [row for row in taken if row.id > 0 or row.founder_id != founder]
    days = await coaches.days(db, (first - timedelta(days=1)).date(), (last + timedelta(days=1)).date())
    slots = free(rules, programme.zone, found, await coaches.hours(db), days, others, first, last)
    length = timedelta(minutes=rules.length)
    apart = [
        slot
        for slot in slots
        if not any(
            row.id > 0 and row.starts_at < slot.starts_at + length and slot.starts_at < row.free_at for row in mine
        )
    ]
    return Calendar(
        found, apart, await sessions.load(db, now, last), await sessions.known_coaches(db, founder), language
    )


def free(
    rules: Coaching,
    zone: ZoneInfo,
    coaches_: Mapping[int, Any],
    hours: Sequence[Any],
    days: Sequence[Any],
    taken: Sequence[Any],
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
    rules: Coaching, hours: Sequence[Any], days: Sequence[Any], coach: int, day: date
) -> Iterator[tuple[int, int, str]]:
    """When a coach receives on a day: (from, until, place), minutes after midnight."""
    theirs = [row for row in days if row.day == day and row.coach_id in (None, coach)]
    for row in theirs:
        if row.start is not None:
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
    for row in dated or [row for row in weekly if not _dated(row)]:
        if row.weekday == day.weekday():
            yield row.start, row.end, row.place


def _dated(row: Any) -> bool:
    return row.since is not None or row.until is not None


def _in_week(busy: Sequence[tuple[datetime, datetime]], day: date, zone: ZoneInfo) -> int:
    week = day.isocalendar()[:2]
    return sum(begun.astimezone(zone).date().isocalendar()[:2] == week for begun, _over in busy)


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant of a local wall time."""
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)


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
