"""Reminders: rows that are due once. Born, moved and cancelled in the transaction of what they remind of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Db
from storage.outbox import NEAREST
from storage.personal import Personal, with_person
from storage.tables import AddressRow, PersonRow, ReminderRow


@dataclass(frozen=True, slots=True)
class Reminder:
    """One message to come: its key makes it exist once."""

    key: str
    person: int
    kind: str
    subject: int
    due_at: datetime


class Planned(NamedTuple):
    """A reminder that waits, as whoever gets it may know it."""

    kind: str
    subject: int
    due_at: datetime


class Claimed(NamedTuple):
    """A due reminder that the present transaction has taken."""

    id: int
    person: int
    kind: str
    subject: int
    due_at: datetime
    language: str


async def plan(db: Db, reminders: Iterable[Reminder]) -> None:
    """Plan reminders; one that exists is moved to its new time, and waits again unless it was sent."""
    make = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    for reminder in reminders:
        values = _row(reminder)
        again = {name: values[name] for name in ("due_at", "person_id", "state", "reason")} | {"done_at": None}
        row = make(ReminderRow).values(**values)
        await db.execute(row.on_conflict_do_update(index_elements=[ReminderRow.key], set_=again))


async def cancel(db: Db, subject: int, kinds: Iterable[str]) -> None:
    """What waits of these kinds about a subject is not sent."""
    waiting = update(ReminderRow).where(
        ReminderRow.subject == subject, ReminderRow.kind.in_(tuple(kinds)), ReminderRow.state == "waiting"
    )
    await db.execute(waiting.values(state="cancelled"))


async def mute(db: Db, person: int, kind: str, subject: int) -> None:
    """A person asked not to be reminded of something."""
    mine = (
        ReminderRow.person_id == person,
        ReminderRow.kind == kind,
        ReminderRow.subject == subject,
        ReminderRow.state == "waiting",
    )
    await db.execute(update(ReminderRow).where(*mine).values(state="cancelled", reason="hushed"))


async def any_due(db: Db, now: datetime) -> bool:
    """Whether anything is due: a look that takes no lock."""
    query = select(ReminderRow.id).where(ReminderRow.state == "waiting", ReminderRow.due_at <= now)
    return await db.scalar(query.limit(1)) is not None


async def claim(db: Db, now: datetime, limit: int) -> list[Claimed]:
    """Take what is due, for this transaction alone, the longest due first. Whoever claims settles each before the commit."""
    due = (
        select(
            ReminderRow.id,
            ReminderRow.person_id,
            ReminderRow.kind,
            ReminderRow.subject,
            ReminderRow.due_at,
            PersonRow.language,
        )
        .join(PersonRow, PersonRow.id == ReminderRow.person_id)
        .where(ReminderRow.state == "waiting", ReminderRow.due_at <= now)
        .order_by(ReminderRow.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=ReminderRow)
    )
    return [Claimed(*row) for row in await db.execute(due)]


async def reach(db: Db, people: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Where each of these people can be reached, where they chose or used last: (channel, address)."""
    query = select(AddressRow.person_id, AddressRow.channel, AddressRow.address).where(
        AddressRow.person_id.in_(tuple(people)), AddressRow.gone == ""
    )
    places: dict[int, tuple[str, str]] = {}
    for person, channel, address in await db.execute(query.order_by(*NEAREST)):
        places.setdefault(person, (channel, address))
    return places


async def settle(db: Db, ids: Sequence[int], state: str, now: datetime, reason: str = "") -> None:
    """What became of claimed reminders."""
    if ids:
        await db.execute(
            update(ReminderRow).where(ReminderRow.id.in_(ids)).values(state=state, reason=reason, done_at=now)
        )


async def put_off(db: Db, id: int, due_at: datetime) -> None:
    """Try a claimed reminder again later."""
    await db.execute(update(ReminderRow).where(ReminderRow.id == id).values(due_at=due_at))


async def waiting(db: Db, person: int) -> list[Planned]:
    """What a person will be sent, and when, the next first."""
    query = select(ReminderRow.kind, ReminderRow.subject, ReminderRow.due_at).where(
        ReminderRow.person_id == person, ReminderRow.state == "waiting"
    )
    return [Planned(*row) for row in await db.execute(query.order_by(ReminderRow.due_at))]


async def once(db: Db, reminder: Reminder) -> bool:
    """Plan a reminder, unless it ever was planned before; whether it was planned now."""
    make = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
    row = make(ReminderRow).values(**_row(reminder)).on_conflict_do_nothing(index_elements=[ReminderRow.key])
    return bool((await db.execute(row)).rowcount)


def _row(reminder: Reminder) -> dict[str, Any]:
    return {
        "key": reminder.key,
        "person_id": reminder.person,
        "kind": reminder.kind,
        "subject": reminder.subject,
        "due_at": reminder.due_at,
        "state": "waiting",
        "reason": "",
    }


PERSONAL = (
    Personal(
        ReminderRow.person_id,
        with_person,
        {"reminders": select(ReminderRow.kind, ReminderRow.due_at, ReminderRow.state).order_by(ReminderRow.due_at)},
    ),
)
