"""One-time codes that give a role. Only a digest is kept: who reads the database cannot use them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import insert, select, update

from storage import people
from storage.database import Db
from storage.event_log import Event, note
from storage.personal import Personal, number_stays
from storage.tables import InviteRow

DAYS = 7


class Joined(NamedTuple):
    """An invitation that was used."""

    role: str
    invited_by: int


async def invite(db: Db, actor: int, role: str, now: datetime) -> str:
    """A new code for a role; ValueError if there is no such role."""
    if role not in people.ROLES:
        raise ValueError(role)
    code = secrets.token_urlsafe(18)
    await db.execute(
        insert(InviteRow).values(digest=_digest(code), role=role, by=actor, expires_at=now + timedelta(days=DAYS))
    )
    await note(db, now, actor, Event.INVITED, ("role", 0), None, role)
    return code


async def join(db: Db, person: int, code: str, now: datetime) -> Joined | None:
    """Use a code; None if it is unknown, used, or too old."""
    used = (
        update(InviteRow)
        .where(InviteRow.digest == _digest(code), InviteRow.used_at.is_(None), InviteRow.expires_at > now)
        .values(used_at=now)
        .returning(InviteRow.role, InviteRow.by)
    )
    row = (await db.execute(used)).first()
    if row is None:
        return None
    await people.grant(db, person, row.role, now, actor=row.by)
    return Joined(row.role, row.by)


async def offered(db: Db, code: str, now: datetime) -> str | None:
    """The role a code would give."""
    usable = (InviteRow.digest == _digest(code), InviteRow.used_at.is_(None), InviteRow.expires_at > now)
    return await db.scalar(select(InviteRow.role).where(*usable))


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()


PERSONAL = (Personal(InviteRow.by, number_stays),)
