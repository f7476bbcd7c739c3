"""Exchanges between a founder and the team: open until either side ends them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage import Conflict
from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, number_stays
from storage.tables import HandoffRow, InboxRow, PersonRow


async def begin(db: Db, person: int, now: datetime) -> int:
    """The open exchange of a person, a new one if there is none. Conflict if it was opened elsewhere meanwhile."""
    query = select(HandoffRow.id).where(HandoffRow.person_id == person, HandoffRow.closed_at.is_(None)).limit(1)
    if found := await db.scalar(query):
        return int(found)
    made = insert(HandoffRow).values(person_id=person, opened_at=now).returning(HandoffRow.id)
    try:
        id = int((await db.execute(made)).scalar_one())
    except IntegrityError as error:
        raise Conflict from error
    await note(db, now, person, Event.EXCHANGE_BEGUN, ("handoff", id))
    return id


async def one(db: Db, id: int) -> Any:
    """An exchange: person_id, opened_at, taken_by, answered_at, answered_by, closed_at; None if there is no such one."""
    columns = (
        HandoffRow.person_id,
        HandoffRow.opened_at,
        HandoffRow.taken_by,
        HandoffRow.answered_at,
        HandoffRow.answered_by,
        HandoffRow.closed_at,
    )
    return (await db.execute(select(*columns).where(HandoffRow.id == id))).first()


async def answered(db: Db, id: int, by: int, now: datetime) -> None:
    """Note that the team answered. Conflict if the exchange was ended meanwhile."""
    done = (
        update(HandoffRow)
        .where(HandoffRow.id == id, HandoffRow.closed_at.is_(None))
        .values(answered_at=now, answered_by=by, taken_by=by)
    )
    if not (await db.execute(done)).rowcount:
        raise Conflict


async def end(db: Db, id: int, now: datetime) -> bool:
    """End an exchange; False if it had ended already."""
    done = await db.execute(
        update(HandoffRow).where(HandoffRow.id == id, HandoffRow.closed_at.is_(None)).values(closed_at=now)
    )
    await db.execute(update(PersonRow).where(PersonRow.handoff == id).values(handoff=0))
    return bool(done.rowcount)


async def take(db: Db, id: int, by: int, now: datetime) -> bool:
    """A colleague takes an exchange on; False if it is over, or somebody else has taken it."""
    free = (HandoffRow.taken_by.is_(None)) | (HandoffRow.taken_by == by)
    taken = await db.execute(
        update(HandoffRow).where(HandoffRow.id == id, HandoffRow.closed_at.is_(None), free).values(taken_by=by)
    )
    if not taken.rowcount:
        return False
    await note(db, now, by, Event.EXCHANGE_TAKEN, ("handoff", id))
    return True


async def open_ones(db: Db, limit: int = 20) -> Sequence[Any]:
    """Open exchanges, those nobody has answered first, then oldest first: id, person_id, name, opened_at, answered_at, taken_by,
    taker (their name)."""
    taker = PersonRow.__table__.alias("taker")
    query = (
        select(
            HandoffRow.id,
            HandoffRow.person_id,
            PersonRow.name,
            HandoffRow.opened_at,
            HandoffRow.answered_at,
            HandoffRow.taken_by,
            taker.c.name.label("taker"),
        )
        .join(PersonRow, PersonRow.id == HandoffRow.person_id)
        .outerjoin(taker, taker.c.id == HandoffRow.taken_by)
        .where(HandoffRow.closed_at.is_(None))
        .order_by(HandoffRow.answered_at.is_not(None), HandoffRow.id)
        .limit(limit)
    )
    return (await db.execute(query)).all()


async def overdue(db: Db, before: datetime, now: datetime) -> list[tuple[int, int, datetime]]:
    """Exchanges opened before this moment that nobody has answered, each named once: id, person, since."""
    late = (
        HandoffRow.closed_at.is_(None),
        HandoffRow.answered_at.is_(None),
        HandoffRow.alerted_at.is_(None),
        HandoffRow.opened_at < before,
    )
    told = update(HandoffRow).where(*late, HandoffRow.person_id.is_not(None)).values(alerted_at=now)
    rows = await db.execute(told.returning(HandoffRow.id, HandoffRow.person_id, HandoffRow.opened_at))
    return sorted((id, person, since) for id, person, since in rows if person is not None)


async def lately(db: Db, person: int, limit: int = 3) -> list[str]:
    """The last few things a person wrote before the message in hand, oldest first, for whoever answers."""
    words = (InboxRow.person_id == person, InboxRow.said != "", InboxRow.said.not_like("/%"))
    query = select(InboxRow.said).where(*words).order_by(InboxRow.at.desc()).limit(limit + 1)
    return list(reversed((await db.scalars(query)).all()[1:]))


async def taker(db: Db, id: int) -> int | None:
    """The colleague who has taken an exchange on."""
    found: int | None = await db.scalar(select(HandoffRow.taken_by).where(HandoffRow.id == id))
    return found


async def wrote(db: Db, person: int, since: datetime, limit: int = 3) -> list[str]:
    """The last few things a person wrote since then, oldest first."""
    words = (InboxRow.person_id == person, InboxRow.at >= since, InboxRow.said != "", InboxRow.said.not_like("/%"))
    query = select(InboxRow.said).where(*words)
    return list(reversed((await db.scalars(query.order_by(InboxRow.at.desc()).limit(limit))).all()))


async def _forget(db: Db, person: int, now: datetime) -> None:
    theirs = update(HandoffRow).where(HandoffRow.person_id == person)
    await db.execute(theirs.values(person_id=None, closed_at=func.coalesce(HandoffRow.closed_at, now)))


async def _one_open(db: Db, stays: int, goes: int, now: datetime) -> None:
    """Of two open exchanges, that of who stays."""
    open_one = select(HandoffRow.id).where(HandoffRow.person_id == stays, HandoffRow.closed_at.is_(None))
    theirs = update(HandoffRow).where(HandoffRow.person_id == goes, HandoffRow.closed_at.is_(None))
    if await db.scalar(open_one) is not None:
        await db.execute(theirs.values(closed_at=now))


PERSONAL = (
    Personal(HandoffRow.person_id, _forget, yields=_one_open),
    Personal(HandoffRow.taken_by, number_stays),
    Personal(HandoffRow.answered_by, number_stays),
)
