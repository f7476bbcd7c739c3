"""Exchanges between a founder and the team: open until either side ends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage import Conflict
from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, number_stays
from storage.tables import ExchangeRow, InboxRow, PersonRow


class Begun(NamedTuple):
    """The open exchange of a person, and whether it was begun just now."""

    id: int
    new: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange, open or over."""

    id: int
    person_id: int | None  # None: they were erased
    opened_at: datetime
    taken_by: int | None
    answered_at: datetime | None
    answered_by: int | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenExchange:
    """An open exchange as the team sees it."""

    id: int
    person_id: int
    name: str
    opened_at: datetime
    answered_at: datetime | None
    taken_by: int | None
    taker: str | None  # the name of whoever has taken it


class Overdue(NamedTuple):
    """An exchange that nobody has answered in time."""

    id: int
    person: int
    since: datetime


async def begin(db: Db, person: int, now: datetime) -> Begun:
    """The open exchange of a person, a new one if there is none. Conflict if it was opened elsewhere meanwhile."""
    if open_ := await open_of(db, person):
        return Begun(open_, False)
    made = insert(ExchangeRow).values(person_id=person, opened_at=now).returning(ExchangeRow.id)
    try:
        id = int((await db.execute(made)).scalar_one())
    except IntegrityError as error:
        raise Conflict from error
    await note(db, now, person, Event.EXCHANGE_BEGUN, ("handoff", id))
    return Begun(id, True)


async def open_of(db: Db, person: int) -> int:
    """The open exchange of a person; 0 if there is none."""
    query = select(ExchangeRow.id).where(ExchangeRow.person_id == person, ExchangeRow.closed_at.is_(None)).limit(1)
    return await db.scalar(query) or 0


async def one(db: Db, id: int) -> Exchange | None:
    columns = (
        ExchangeRow.id,
        ExchangeRow.person_id,
        ExchangeRow.opened_at,
        ExchangeRow.taken_by,
        ExchangeRow.answered_at,
        ExchangeRow.answered_by,
        ExchangeRow.closed_at,
    )
    row = (await db.execute(select(*columns).where(ExchangeRow.id == id))).first()
    return Exchange(*row) if row is not None else None


async def answered(db: Db, id: int, by: int, now: datetime) -> bool:
    """Note that the team answered; False if the exchange has ended."""
    done = (
        update(ExchangeRow)
        .where(ExchangeRow.id == id, ExchangeRow.closed_at.is_(None))
        .values(answered_at=now, answered_by=by, taken_by=by)
    )
    return bool((await db.execute(done)).rowcount)


async def end(db: Db, id: int, by: int, now: datetime) -> bool:
    """End an exchange; False if it had ended already."""
    done = await db.execute(
        update(ExchangeRow).where(ExchangeRow.id == id, ExchangeRow.closed_at.is_(None)).values(closed_at=now)
    )
    await db.execute(update(PersonRow).where(PersonRow.handoff == id).values(handoff=0))
    if not done.rowcount:
        return False
    await note(db, now, by, Event.EXCHANGE_ENDED, ("handoff", id))
    return True


async def take(db: Db, id: int, by: int, now: datetime) -> bool:
    """A colleague takes an exchange on; False if it is over, or somebody else has taken it."""
    free = (ExchangeRow.taken_by.is_(None)) | (ExchangeRow.taken_by == by)
    taken = await db.execute(
        update(ExchangeRow).where(ExchangeRow.id == id, ExchangeRow.closed_at.is_(None), free).values(taken_by=by)
    )
    if not taken.rowcount:
        return False
    await note(db, now, by, Event.EXCHANGE_TAKEN, ("handoff", id))
    return True


async def open_ones(db: Db, limit: int = 20) -> list[OpenExchange]:
    """Open exchanges, those nobody has answered first, then oldest first."""
    taker = PersonRow.__table__.alias("taker")
    query = (
        select(
            ExchangeRow.id,
            PersonRow.id,
            PersonRow.name,
            ExchangeRow.opened_at,
            ExchangeRow.answered_at,
            ExchangeRow.taken_by,
            taker.c.name.label("taker"),
        )
        .join(PersonRow, PersonRow.id == ExchangeRow.person_id)
        .outerjoin(taker, taker.c.id == ExchangeRow.taken_by)
        .where(ExchangeRow.closed_at.is_(None))
        .order_by(ExchangeRow.answered_at.is_not(None), ExchangeRow.id)
        .limit(limit)
    )
    return [OpenExchange(*row) for row in await db.execute(query)]


async def overdue(db: Db, before: datetime, now: datetime) -> list[Overdue]:
    """Exchanges opened before this moment that nobody has answered, each named once."""
    late = (
        ExchangeRow.closed_at.is_(None),
        ExchangeRow.answered_at.is_(None),
        ExchangeRow.alerted_at.is_(None),
        ExchangeRow.opened_at < before,
    )
    told = update(ExchangeRow).where(*late, ExchangeRow.person_id.is_not(None)).values(alerted_at=now)
    rows = await db.execute(told.returning(ExchangeRow.id, ExchangeRow.person_id, ExchangeRow.opened_at))
    return sorted(Overdue(id, person, since) for id, person, since in rows if person is not None)


async def lately(db: Db, person: int, limit: int = 3) -> list[str]:
    """The last few things a person wrote before the message in hand, oldest first, for whoever answers."""
    words = (InboxRow.person_id == person, InboxRow.said != "", InboxRow.said.not_like("/%"))
    query = select(InboxRow.said).where(*words).order_by(InboxRow.at.desc()).limit(limit + 1)
    return list(reversed((await db.scalars(query)).all()[1:]))


async def taker(db: Db, id: int) -> int | None:
    """The colleague who has taken an exchange on."""
    return await db.scalar(select(ExchangeRow.taken_by).where(ExchangeRow.id == id))


async def wrote(db: Db, person: int, since: datetime, limit: int = 3) -> list[str]:
    """The last few things a person wrote since then, oldest first."""
    words = (InboxRow.person_id == person, InboxRow.at >= since, InboxRow.said != "", InboxRow.said.not_like("/%"))
    query = select(InboxRow.said).where(*words)
    return list(reversed((await db.scalars(query.order_by(InboxRow.at.desc()).limit(limit))).all()))


async def _forget(db: Db, person: int, now: datetime) -> None:
    theirs = update(ExchangeRow).where(ExchangeRow.person_id == person)
    await db.execute(theirs.values(person_id=None, closed_at=func.coalesce(ExchangeRow.closed_at, now)))


async def _one_open(db: Db, stays: int, goes: int, now: datetime) -> None:
    """Of two open exchanges, that of who stays."""
    open_one = select(ExchangeRow.id).where(ExchangeRow.person_id == stays, ExchangeRow.closed_at.is_(None))
    theirs = update(ExchangeRow).where(ExchangeRow.person_id == goes, ExchangeRow.closed_at.is_(None))
    if await db.scalar(open_one) is not None:
        await db.execute(theirs.values(closed_at=now))


PERSONAL = (
    Personal(ExchangeRow.person_id, _forget, yields=_one_open),
    Personal(ExchangeRow.taken_by, number_stays),
    Personal(ExchangeRow.answered_by, number_stays),
)
