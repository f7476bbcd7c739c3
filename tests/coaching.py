"""A coach with hours, and founders who want them: what the tests of coaching begin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from handlers.coaching import slots
from handlers.coaching import words as coaching
from handlers.coaching.reminders import plan
from handlers.programme.model import Programme
from storage import coaches, people, sessions
from storage.database import Database, Db
from storage.sessions import When
from storage.tables import BookingRow, OutboxRow, ReminderRow

THURSDAY = datetime(2026, 11, 26, 10, tzinfo=UTC)


async def coach(
    db: Db,
    name: str,
    now: datetime,
    *topics: str,
    hours: Sequence[tuple[int, int, int]] = ((3, 540, 720),),
    **offers: Any,
) -> int:
    """A coach who receives at these (weekday, start, end), minutes after midnight."""
    person = await people.add(db, "paper", name, now)
    await people.grant(db, person, "coach", now)
    await coaches.keep(db, person, now, name=name.capitalize(), topics=list(topics) or ["legal"], **offers)
    for weekday, start, end in hours:
        await coaches.open_weekly(db, person, weekday, start, end, "site")
    return person


async def founders(db: Db, count: int, now: datetime) -> list[int]:
    return [await people.add(db, "paper", f"founder{n}", now) for n in range(count)]


def at(programme: Programme, moment: datetime) -> When:
    rules = coaching.rules_of(programme)
    return slots.when(slots.Slot(0, moment, "site"), rules, programme.zone)


async def booked(db: Db, programme: Programme, founder: int, coach_: int, moment: datetime, now: datetime) -> Any:
    """A session with its reminders, as /book leaves it."""
    id = await sessions.book(db, founder, coach_, "legal", "site", at(programme, moment), now, goal="", asked=False)
    session = await sessions.get(db, id)
    await plan(db, programme, session, now)
    return session


async def ask_again(db: Db, id: int) -> None:
    """As if the founder had asked for the session, and the coach had not answered yet."""
    await db.execute(update(BookingRow).where(BookingRow.id == id).values(state="asked"))


async def live(database: Database) -> int:
    """How many sessions stand."""
    async with database.reading() as db:
        return int(await db.scalar(select(func.count()).where(BookingRow.state.in_(sessions.LIVE))) or 0)


async def told(database: Database) -> list[tuple[int, str]]:
    """What the clock queued: (person, text), in order."""
    async with database.reading() as db:
        rows = await db.execute(
            select(OutboxRow.person_id, OutboxRow.body).where(OutboxRow.lane == 1).order_by(OutboxRow.id)
        )
        return [(person, body["text"]) for person, body in rows if person is not None]


async def planned(database: Database) -> dict[str, tuple[str, datetime]]:
    """Every reminder by its kind: (state, due)."""
    async with database.reading() as db:
        rows = await db.execute(
            select(ReminderRow.kind, ReminderRow.state, ReminderRow.due_at).order_by(ReminderRow.id)
        )
        return {kind: (state, due) for kind, state, due in rows}


def hours(n: float) -> timedelta:
    return timedelta(hours=n)
