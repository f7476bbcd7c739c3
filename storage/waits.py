"""Waiting lists: who waits for what, whose turn it is, what is held for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from storage.database import Db
from storage.personal import Personal, number_stays, one_for_each, with_person
from storage.tables import WaitRow


async def wait(db: Db, founder: int, topic: str, now: datetime) -> int:
    """Stand in line for a topic (once); the position, from 1."""
    if await db.scalar(select(WaitRow.id).where(WaitRow.founder_id == founder, WaitRow.topic == topic)) is None:
        await db.execute(insert(WaitRow).values(founder_id=founder, topic=topic, at=now))
    return await position(db, founder, topic)


async def position(db: Db, founder: int, topic: str) -> int:
    """How many stand in line up to and with this founder; 0 if they do not."""
    mine = await db.scalar(select(WaitRow.at).where(WaitRow.founder_id == founder, WaitRow.topic == topic))
    if mine is None:
        return 0
    return int(await db.scalar(select(func.count()).where(WaitRow.topic == topic, WaitRow.at <= mine)) or 0)


async def waits(db: Db, founder: int | None = None) -> Sequence[Any]:
    """Everybody in line, first come first: id, founder_id, topic, at, coach_id, starts_at, place, until."""
    query = select(
        WaitRow.id,
        WaitRow.founder_id,
        WaitRow.topic,
        WaitRow.at,
        WaitRow.coach_id,
        WaitRow.starts_at,
        WaitRow.place,
        WaitRow.until,
    )
    if founder is not None:
        query = query.where(WaitRow.founder_id == founder)
    return (await db.execute(query.order_by(WaitRow.at, WaitRow.id))).all()


async def hold(db: Db, wait_: int, coach: int, starts_at: datetime, place: str, until: datetime) -> bool:
    """Hold a slot for somebody in line; False if they have left, or hold one already."""
    held = update(WaitRow).where(WaitRow.id == wait_, WaitRow.until.is_(None))
    return bool((await db.execute(held.values(coach_id=coach, starts_at=starts_at, place=place, until=until))).rowcount)


async def let_go(db: Db, now: datetime, wait_: int) -> None:
    """Refuse an offer: its slot is free again, and they stand at the line's end."""
    await db.execute(update(WaitRow).where(WaitRow.id == wait_).values(**_NOTHING_HELD, at=now))


async def lapsed(db: Db, now: datetime, most: int) -> list[tuple[int, str, bool]]:
    """Offers that nobody took in time: their slots are free again. Who lost one, for which topic, and whether they still
    stand in the line: at its end, until `most` offers have passed."""
    passed = (
        select(WaitRow.id, WaitRow.founder_id, WaitRow.topic, WaitRow.passed)
        .where(WaitRow.until <= now)
        .with_for_update(skip_locked=True)
    )
    found = []
    for row in (await db.execute(passed)).all():
        stays = row.passed + 1 < most
        if stays:
            await db.execute(
                update(WaitRow).where(WaitRow.id == row.id).values(**_NOTHING_HELD, at=now, passed=row.passed + 1)
            )
        else:
            await db.execute(delete(WaitRow).where(WaitRow.id == row.id))
        found.append((row.founder_id, row.topic, stays))
    return found


_NOTHING_HELD: dict[str, Any] = {"coach_id": None, "starts_at": None, "place": "", "until": None}


async def leave(db: Db, founder: int, topic: str) -> bool:
    """Leave the line; False if they did not stand in it."""
    return bool(
        (await db.execute(delete(WaitRow).where(WaitRow.founder_id == founder, WaitRow.topic == topic))).rowcount
    )


PERSONAL = (
    Personal(
        WaitRow.founder_id,
        with_person,
        {"waiting_for": select(WaitRow.topic, WaitRow.at)},
        one_for_each(WaitRow.founder_id, WaitRow.topic),
    ),
    Personal(WaitRow.coach_id, number_stays),
)
