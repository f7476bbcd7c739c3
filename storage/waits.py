"""Waiting lists: who stands in which line, whose turn it is, what is held for them.

A line is what one waits for: a topic of coaching, the places of an event. What is held of it is held for one, until a
moment: a coach's slot, or a place that needs no coach and no hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update

from storage.database import Db
from storage.personal import Personal, number_stays, one_for_each, with_person
from storage.tables import WaitRow

COACHING = "coaching"
_MOST = 20  # characters that a line's column holds


class Line(NamedTuple):
    """What one waits for: the room that gives it, and which of its things. Coaching's lines are kept by their topic alone."""

    room: str
    what: str

    def __str__(self) -> str:
        return f"{self.room}:{self.what}"

    def kept(self) -> str:
        """As the column holds it. ValueError if that would be too long."""
        text = self.what if self.room == COACHING else str(self)
        if len(text) > _MOST or (self.room == COACHING and ":" in text):
            raise ValueError(text)
        return text

    @staticmethod
    def of(kept: str) -> Line:
        """The line that a column names."""
        room, colon, what = kept.partition(":")
        return Line(room, what) if colon else Line(COACHING, kept)


@dataclass(frozen=True, slots=True)
class Held:
    """What is held for somebody until a moment."""

    until: datetime
    coach_id: int | None = None
    starts_at: datetime | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody in a line, and what is held for them if anything is."""

    id: int
    person: int
    line: Line
    at: datetime  # since when they stand where they stand
    passed: int  # offers that went unanswered
    held: Held | None


_COLUMNS = (
    WaitRow.id,
    WaitRow.founder_id,
    WaitRow.topic,
    WaitRow.at,
    WaitRow.passed,
    WaitRow.until,
    WaitRow.coach_id,
    WaitRow.starts_at,
    WaitRow.place,
)


def _wait(row: Row[int, int, str, datetime, int, datetime | None, int | None, datetime | None, str]) -> Wait:
    id, person, topic, at, passed, until, coach, starts_at, place = row
    held = Held(until, coach, starts_at, place) if until is not None else None
    return Wait(id, person, Line.of(topic), at, passed, held)


async def join(db: Db, person: int, line: Line, now: datetime) -> int:
    """Stand in a line (once); the position, from 1."""
    mine = select(WaitRow.id).where(WaitRow.founder_id == person, WaitRow.topic == line.kept())
    if await db.scalar(mine) is None:
        await db.execute(insert(WaitRow).values(founder_id=person, topic=line.kept(), at=now))
    return await position(db, person, line)


async def position(db: Db, person: int, line: Line) -> int:
    """How many stand in line up to and with this person; 0 if they do not."""
    topic = line.kept()
    mine = await db.scalar(select(WaitRow.at).where(WaitRow.founder_id == person, WaitRow.topic == topic))
    if mine is None:
        return 0
    return int(await db.scalar(select(func.count()).where(WaitRow.topic == topic, WaitRow.at <= mine)) or 0)


async def leave(db: Db, person: int, line: Line) -> bool:
    """Leave a line, and what was held; False if they did not stand in it."""
    mine = delete(WaitRow).where(WaitRow.founder_id == person, WaitRow.topic == line.kept())
    return bool((await db.execute(mine)).rowcount)


async def of_person(db: Db, person: int) -> list[Wait]:
    """The lines a person stands in, the longest wait first."""
    query = select(*_COLUMNS).where(WaitRow.founder_id == person)
    return [_wait(row) for row in await db.execute(query.order_by(WaitRow.at, WaitRow.id))]


async def locked(db: Db, person: int) -> list[Wait]:
    """The lines a person stands in, until the end of the transaction: nothing is offered to them meanwhile. Whoever
    locks a coach as well does it afterwards, as offers do."""
    query = select(*_COLUMNS).where(WaitRow.founder_id == person)
    return [_wait(row) for row in await db.execute(query.order_by(WaitRow.at, WaitRow.id).with_for_update())]


async def next_in_line(db: Db, room: str) -> list[Wait]:
    """Whoever waits in a room's lines with nothing held, first come first, locked until the end of the transaction:
    of two rounds of offers the second sees what the first has held."""
    query = select(*_COLUMNS).where(WaitRow.until.is_(None), _of_room(room)).order_by(WaitRow.at, WaitRow.id)
    return [_wait(row) for row in await db.execute(query.with_for_update())]


async def holding(db: Db, first: datetime, last: datetime) -> list[Wait]:
    """Whoever holds something that begins between two instants."""
    query = select(*_COLUMNS).where(WaitRow.until.is_not(None), WaitRow.starts_at >= first, WaitRow.starts_at < last)
    return [_wait(row) for row in await db.execute(query.order_by(WaitRow.at, WaitRow.id))]


async def hold(db: Db, id: int, held: Held) -> bool:
    """Hold something for somebody in line; False if they have left, or hold something already."""
    free = update(WaitRow).where(WaitRow.id == id, WaitRow.until.is_(None))
    values = {"coach_id": held.coach_id, "starts_at": held.starts_at, "place": held.place, "until": held.until}
    return bool((await db.execute(free.values(**values))).rowcount)


async def let_go(db: Db, id: int, now: datetime) -> bool:
    """Refuse an offer: it is free again, and they stand at the line's end. False if nothing is held for them."""
    held = update(WaitRow).where(WaitRow.id == id, WaitRow.until.is_not(None))
    return bool((await db.execute(held.values(**_NOTHING_HELD, at=now))).rowcount)


async def lapsed(db: Db, room: str, now: datetime, most: int) -> list[tuple[Wait, bool]]:
    """Offers that nobody took in time: what they held is free again. Who lost one, and whether they still stand in
    their line: at its end, until `most` offers have passed."""
    query = select(*_COLUMNS).where(WaitRow.until <= now, _of_room(room)).order_by(WaitRow.until, WaitRow.id)
    lost: list[tuple[Wait, bool]] = []
    for row in (await db.execute(query.with_for_update(skip_locked=True))).all():
        wait = _wait(row)
        stays = wait.passed + 1 < most
        if stays:
            again = update(WaitRow).where(WaitRow.id == wait.id)
            await db.execute(again.values(**_NOTHING_HELD, at=now, passed=wait.passed + 1))
        else:
            await db.execute(delete(WaitRow).where(WaitRow.id == wait.id))
        lost.append((wait, stays))
    return lost


_NOTHING_HELD: dict[str, str | None] = {"coach_id": None, "starts_at": None, "place": "", "until": None}


def _of_room(room: str) -> ColumnElement[bool]:
    if room == COACHING:
        return WaitRow.topic.not_like("%:%")
    return WaitRow.topic.startswith(f"{room}:", autoescape=True)


PERSONAL = (
    Personal(
        WaitRow.founder_id,
        with_person,
        {"waiting_for": select(WaitRow.topic, WaitRow.at)},
        one_for_each(WaitRow.founder_id, WaitRow.topic),
    ),
    Personal(WaitRow.coach_id, number_stays),
)
