"""WhatsApp's people: a number and a business-scoped user id for one and the same person, when they wrote last, and what
waits until they write again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import Conflict, held, merging
from storage.audiences import NEWS
from storage.database import Db
from storage.tables import AddressRow, ConsentRow, OutboxRow, PersonRow

CHANNEL = "whatsapp"
WINDOW = timedelta(hours=24)
_HERE = AddressRow.channel == CHANNEL


@dataclass(frozen=True, slots=True)
class Names:
    """The two ways WhatsApp names a person; either may be missing."""

    phone: str
    user: str


async def heard(
    db: Db, names: Names, display: str, at: datetime, now: datetime, channel: str = CHANNEL
) -> tuple[str, int]:
    """Somebody wrote at `at`: the address they are known by, and how many held messages may go to them now.

    Somebody new is made known. `channel` may be another way into WhatsApp, where the id is the one that hides a number.
    Conflict if they are being made known elsewhere at this moment.
    """
    row = await _one(db, await _rows(db, names, channel), names, now)
    if row is None:
        made = insert(PersonRow).values(created_at=now, seen_at=now, name=display).returning(PersonRow.id)
        person = int((await db.execute(made)).scalar_one())
        address = names.phone or names.user
        insert_ = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
        values = {
            "person_id": person,
            "channel": channel,
            "address": address,
            "user_id": names.user or None,
            "used_at": now,
            "heard_at": at,
        }
        added = insert_(AddressRow).values(**values).on_conflict_do_nothing().returning(AddressRow.id)
        if (await db.execute(added)).first() is None:
            raise Conflict
        return address, 0
    address = await _renamed(db, row, names, channel)
    if row.heard_at is None or row.heard_at < at:
        await db.execute(update(AddressRow).where(AddressRow.id == row.id).values(heard_at=at))
    if at + WINDOW <= now:
        return address, 0
    return address, await held.release(db, channel, address, now)


async def _one(db: Db, rows: Sequence[Any], names: Names, now: datetime) -> Any:
    """The address of whoever is named. Two people, one known by the number alone and one by the id alone, are one: WhatsApp
    says both of whoever writes."""
    first = rows[0] if rows else None
    other = next((row for row in rows[1:] if row.address == names.user), None)
    if first is None or other is None or first.address != names.phone or first.user_id not in (None, names.user):
        return first
    if first.person_id != other.person_id:
        if await merging.between(db, first.person_id, other.person_id):
            return first  # what one of them cannot have twice, both have
        await merging.merge(db, first.person_id, other.person_id, now)
    await db.execute(delete(AddressRow).where(AddressRow.id == other.id))
    await _forward(db, other.address, first.address, first.channel)
    return first


async def _rows(db: Db, names: Names, channel: str = CHANNEL) -> Sequence[Any]:
    """The addresses of whoever has this number, or else this id; what we know them by as both goes before what is one of them."""
    known: list[ColumnElement[bool]] = [AddressRow.address.in_([name for name in (names.phone, names.user) if name])]
    if names.user:
        known.append(AddressRow.user_id == names.user)
    columns = (
        AddressRow.id,
        AddressRow.person_id,
        AddressRow.channel,
        AddressRow.address,
        AddressRow.user_id,
        AddressRow.heard_at,
    )
    query = select(*columns).where(AddressRow.channel == channel, or_(*known))
    rows = (await db.execute(query.order_by(AddressRow.id).with_for_update())).all()
    rank = {names.phone: 0} if names.phone else {}
    return sorted(
        rows, key=lambda row: rank.get(row.address, 1 if row.user_id == names.user and row.address != names.user else 2)
    )


async def _renamed(db: Db, row: Any, names: Names, channel: str = CHANNEL) -> str:
    """Write down what is new about how a person is named; the address they are known by from now on."""
    address = str(row.address)
    if names.user and row.user_id != names.user:
        await db.execute(
            update(AddressRow)
            .where(AddressRow.channel == channel, AddressRow.user_id == names.user)
            .values(user_id=None)
        )
        await db.execute(update(AddressRow).where(AddressRow.id == row.id).values(user_id=names.user))
    if names.phone and address != names.phone:
        await _readdress(db, row.id, address, names.phone, channel)
        address = names.phone
    return address


async def _readdress(db: Db, id: int, before: str, after: str, channel: str = CHANNEL) -> None:
    await db.execute(update(AddressRow).where(AddressRow.id == id).values(address=after, gone=""))
    await _forward(db, before, after, channel)


async def _forward(db: Db, before: str, after: str, channel: str) -> None:
    """What waits for an address goes to another."""
    waiting = (OutboxRow.channel == channel, OutboxRow.address == before, OutboxRow.state == "queued")
    await db.execute(update(OutboxRow).where(*waiting).values(address=after))


async def moved(db: Db, before: Names, after: Names) -> bool:
    """A person has another number or another id; whether we knew them.

    If the new number has already written by itself, it stays whose it is, and the old one is no longer written to.
    """
    row = next(iter(await _rows(db, before)), None)
    if row is None:
        return False
    taken = select(AddressRow.id).where(
        _HERE, AddressRow.address == (after.phone or after.user), AddressRow.id != row.id
    )
    if await db.scalar(taken) is not None:
        await db.execute(update(AddressRow).where(AddressRow.id == row.id).values(gone="moved"))
        return True
    if after.phone and before.phone and not after.user:  # the old id went with the old number
        await db.execute(update(AddressRow).where(AddressRow.id == row.id).values(user_id=None))
    await _renamed(db, row, after)
    if not after.phone and row.address == before.user:  # known by the id alone
        await _readdress(db, row.id, row.address, after.user)
    return True


async def heard_at(db: Db, address: str, channel: str = CHANNEL) -> datetime | None:
    """When somebody wrote last from an address."""
    return await db.scalar(
        select(AddressRow.heard_at).where(AddressRow.channel == channel, AddressRow.address == address)
    )


async def shut(db: Db, address: str) -> None:
    """The window of an address is closed, whatever we thought."""
    await db.execute(update(AddressRow).where(_HERE, AddressRow.address == address).values(heard_at=None))


async def person_at(db: Db, names: Sequence[str]) -> int | None:
    """Who is known by one of these numbers or ids."""
    query = select(AddressRow.person_id).where(_HERE, or_(AddressRow.address.in_(names), AddressRow.user_id.in_(names)))
    return await db.scalar(query.limit(1))


async def prefer(db: Db, person: int, wanted: bool, at: datetime) -> bool:
    """Note that a person wants news no more (or again), said to WhatsApp itself; whether that was new."""
    row = (
        await db.execute(select(PersonRow.agreed, PersonRow.language).where(PersonRow.id == person).with_for_update())
    ).one()
    if (NEWS in row.agreed) == wanted:
        return False
    agreed = sorted({*row.agreed, NEWS} if wanted else set(row.agreed) - {NEWS})
    await db.execute(update(PersonRow).where(PersonRow.id == person).values(agreed=agreed))
    proof = {
        "purpose": NEWS,
        "granted": wanted,
        "version": "whatsapp",
        "language": row.language,
        "channel": CHANNEL,
        "at": at,
    }
    await db.execute(insert(ConsentRow).values(person_id=person, **proof))
    return True
