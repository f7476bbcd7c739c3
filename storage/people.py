"""Who speaks with us: addresses, roles, consents, and forgetting them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update

from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, with_person
from storage.tables import (
    AddressRow,
    ConsentRow,
    PersonRow,
)

ROLES = ("founder", "coach", "reviewer", "staff", "admin")


class Member(NamedTuple):
    """Somebody who is more than a founder."""

    id: int
    name: str
    roles: list[str]


class Listed(NamedTuple):
    """Somebody as the command line lists them."""

    id: int
    addresses: list[str]
    language: str
    roles: list[str]
    seen_at: datetime  # to the hour


class Place(NamedTuple):
    """A channel a person can be reached on."""

    channel: str
    chosen: bool  # for what nobody asked for


async def at(db: Db, channel: str, address: str) -> int | None:
    """The person who writes from an address."""
    return await db.scalar(
        select(AddressRow.person_id).where(AddressRow.channel == channel, AddressRow.address == address)
    )


async def add(db: Db, channel: str, address: str, now: datetime) -> int:
    """A person who has not written yet, known by an address only."""
    row = insert(PersonRow).values(created_at=now, seen_at=now).returning(PersonRow.id)
    id = int((await db.execute(row)).scalar_one())
    await db.execute(insert(AddressRow).values(person_id=id, channel=channel, address=address, used_at=now))
    return id


async def grant(db: Db, person: int, role: str, now: datetime, *, actor: int | None = None) -> list[str]:
    """Give a role; the roles they have now. ValueError if there is no such role."""
    if role not in ROLES:
        raise ValueError(role)
    before = (await db.scalar(select(PersonRow.roles).where(PersonRow.id == person).with_for_update()) or "").split()
    after = [known for known in ROLES if known in before or known == role]
    await db.execute(update(PersonRow).where(PersonRow.id == person).values(roles=" ".join(after)))
    await note(db, now, actor, Event.ROLE_GRANTED, ("person", person), before, after)
    return after


async def revoke(db: Db, person: int, role: str, now: datetime, *, actor: int | None = None) -> list[str]:
    """Take a role away; the roles they have now. A founder stays a founder."""
    before = (await db.scalar(select(PersonRow.roles).where(PersonRow.id == person).with_for_update()) or "").split()
    after = [known for known in before if known != role or known == "founder"]
    await db.execute(update(PersonRow).where(PersonRow.id == person).values(roles=" ".join(after)))
    await note(db, now, actor, Event.ROLE_REVOKED, ("person", person), before, after)
    return after


async def team(db: Db) -> list[Member]:
    """Everybody who is more than a founder."""
    query = (
        select(PersonRow.id, PersonRow.name, PersonRow.roles).where(PersonRow.roles != "founder").order_by(PersonRow.id)
    )
    return [Member(id, name, roles.split()) for id, name, roles in await db.execute(query)]


async def profiles(db: Db, *roles: str) -> dict[int, dict[str, Any]]:
    """What those who have one of these roles told us once, by person."""
    query = (
        select(PersonRow.id, PersonRow.roles, PersonRow.profile)
        .where(PersonRow.roles != "founder")
        .order_by(PersonRow.id)
    )
    return {id: profile for id, theirs, profile in await db.execute(query) if set(theirs.split()) & set(roles)}


async def listed(db: Db) -> list[Listed]:
    """Everybody."""
    places: dict[int, list[str]] = {}
    for person, channel, address in await db.execute(
        select(AddressRow.person_id, AddressRow.channel, AddressRow.address).order_by(AddressRow.id)
    ):
        places.setdefault(person, []).append(f"{channel}:{address}")
    rows = await db.execute(
        select(PersonRow.id, PersonRow.language, PersonRow.roles, PersonRow.seen_at).order_by(PersonRow.id)
    )
    return [Listed(id, places.get(id, []), language, roles.split(), seen) for id, language, roles, seen in rows]


async def with_role(db: Db, *roles: str) -> list[tuple[int, str]]:
    """(id, language) of everybody who has one of these roles."""
    query = (
        select(PersonRow.id, PersonRow.language, PersonRow.roles)
        .where(PersonRow.roles != "founder")
        .order_by(PersonRow.id)
    )
    return [(id, language) for id, language, theirs in await db.execute(query) if set(theirs.split()) & set(roles)]


async def places(db: Db, person: int) -> list[Place]:
    """Where a person can be reached, the one used last first."""
    query = select(AddressRow.channel, AddressRow.chosen).where(AddressRow.person_id == person, AddressRow.gone == "")
    return [Place(*row) for row in await db.execute(query.order_by(AddressRow.used_at.desc(), AddressRow.id))]


async def choose(db: Db, person: int, channel: str | None) -> None:
    """What nobody asked for goes to this channel first; None: to the one they used last."""
    theirs = update(AddressRow).where(AddressRow.person_id == person)
    await db.execute(theirs.values(chosen=AddressRow.channel == channel if channel else False))


async def language_of(db: Db, person: int) -> str:
    return await db.scalar(select(PersonRow.language).where(PersonRow.id == person)) or ""


async def name_of(db: Db, person: int) -> str:
    return await db.scalar(select(PersonRow.name).where(PersonRow.id == person)) or ""


PERSONAL = (
    Personal(
        AddressRow.person_id,
        with_person,
        {
            "addresses": select(
                AddressRow.channel, AddressRow.address, AddressRow.user_id, AddressRow.used_at, AddressRow.heard_at
            )
        },
    ),
    Personal(
        ConsentRow.person_id,
        with_person,
        {
            "consents": select(
                ConsentRow.purpose,
                ConsentRow.granted,
                ConsentRow.version,
                ConsentRow.language,
                ConsentRow.channel,
                ConsentRow.at,
            ).order_by(ConsentRow.id)
        },
    ),
)
