"""One person on several channels: one-time codes, and making two people one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, insert, select

from storage import Conflict
from storage.database import Db
from storage.personal import Personal, with_person
from storage.tables import (
    LinkRow,
    PersonRow,
)

MINUTES = 15
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that is taken for something else
_PARTS, _PART = (
    3,
    4,
)  # 60 bits: guessed at one a second, for a quarter of an hour, by a thousand people: once in a billion years


@dataclass(frozen=True, slots=True)
class Giver:
    """Who made a code."""

    person: int
    language: str


async def offer(db: Db, person: int, now: datetime) -> str:
    """A new code, like `MK-7QM2-XPA9-RTD4`; an older one of theirs counts no more."""
    code = "-".join("".join(secrets.choice(_LETTERS) for _letter in range(_PART)) for _part in range(_PARTS))
    await db.execute(delete(LinkRow).where((LinkRow.person_id == person) | (LinkRow.expires_at < now)))
    await db.execute(
        insert(LinkRow).values(digest=_digest(code), person_id=person, expires_at=now + timedelta(minutes=MINUTES))
    )
    return f"MK-{code}"


async def giver(db: Db, code: str, now: datetime) -> Giver | None:
    """Who made a code; None if it is unknown, used or too old."""
    query = select(LinkRow.person_id, PersonRow.language).join(PersonRow, PersonRow.id == LinkRow.person_id)
    row = (await db.execute(query.where(LinkRow.digest == _digest(code), LinkRow.expires_at > now))).first()
    return Giver(row.person_id, row.language) if row is not None else None


async def use(db: Db, code: str) -> None:
    """A code counts once. Conflict if it was used meanwhile."""
    if not (await db.execute(delete(LinkRow).where(LinkRow.digest == _digest(code)))).rowcount:
        raise Conflict


def _digest(code: str) -> str:
    plain = code.upper().removeprefix("MK-").translate(str.maketrans("OIL", "011"))
    return sha256(plain.encode()).hexdigest()


async def _drop(db: Db, stays: int, goes: int, now: datetime) -> None:
    """A code of who goes would show what has just been shown."""
    await db.execute(delete(LinkRow).where(LinkRow.person_id == goes))


PERSONAL = (Personal(LinkRow.person_id, with_person, yields=_drop),)
