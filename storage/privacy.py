"""A person's data: all of it, erased, or forgotten by age."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select

from storage import (
    announcements,
    applications,
    change_requests,
    chat_log,
    coaches,
    decisions,
    event_log,
    exchanges,
    files,
    invites,
    link_codes,
    outbox,
    people,
    reminders,
    reviews,
    sessions,
    talks,
    waits,
)
from storage.database import Db
from storage.event_log import Event, note
from storage.tables import (
    AddressRow,
    ApplicationRow,
    BookingRow,
    ConsentRow,
    FileRow,
    InboxRow,
    PersonRow,
    TalkRow,
)

# an erasure walks them from the last to the first: what others were told of somebody goes before what it was about
PERSONAL = tuple(
    declared
    for module in (
        people,
        talks,
        applications,
        reviews,
        change_requests,
        decisions,
        files,
        sessions,
        waits,
        coaches,
        reminders,
        exchanges,
        announcements,
        invites,
        link_codes,
        event_log,
        chat_log,
        outbox,
    )
    for declared in module.PERSONAL
)


async def everything(db: Db, person: int) -> dict[str, Any]:
    """All we keep of a person, for their own eyes: JSON, times as ISO text."""
    who = (await db.execute(select(PersonRow).where(PersonRow.id == person))).one()
    copy: dict[str, Any] = {
        "person": {
            "since": who.created_at,
            "language": who.language,
            "name": who.name,
            "roles": who.roles,
            "facts": who.profile,
        }
    }
    for declared in PERSONAL:
        for title, query in declared.copies.items():
            rows = await db.execute(query.where(declared.column == person))
            copy[title] = [dict(row) for row in rows.mappings()]
    return copy


class ConsentGiven(NamedTuple):
    """A yes or a no, as it was given."""

    purpose: str
    granted: bool
    version: str
    at: datetime


class Overview(NamedTuple):
    """What we keep of a person, in a few lines."""

    channels: list[str]
    consents: list[ConsentGiven]  # oldest first
    applications: list[str]  # their references
    sessions: int
    unfinished: int  # conversations
    files: int
    messages: int  # that they wrote


async def overview(db: Db, person: int) -> Overview:
    """What we keep of a person, told rather than copied."""
    consents = select(ConsentRow.purpose, ConsentRow.granted, ConsentRow.version, ConsentRow.at)
    counts = [
        await db.scalar(select(func.count()).where(column == person)) or 0
        for column in (BookingRow.founder_id, TalkRow.person_id, FileRow.person_id, InboxRow.person_id)
    ]
    return Overview(
        list(await db.scalars(select(AddressRow.channel).where(AddressRow.person_id == person))),
        [
            ConsentGiven(*row)
            for row in await db.execute(consents.where(ConsentRow.person_id == person).order_by(ConsentRow.id))
        ],
        list(await db.scalars(select(ApplicationRow.reference).where(ApplicationRow.person_id == person))),
        *counts,
    )


async def erase(db: Db, person: int, now: datetime) -> list[str]:
    """Forget a person; the ids of their files, to be removed from disk. Applications stay as counts without answers."""
    documents: set[str] = set()
    for declared in reversed(PERSONAL):
        documents.update(await declared.forget(db, person, now) or ())
    await db.execute(delete(PersonRow).where(PersonRow.id == person))
    await note(db, now, None, Event.PERSON_ERASED, ("person", person))
    return sorted(documents)


async def forget_old_words(db: Db, now: datetime, keep: timedelta = timedelta(days=30)) -> None:
    """Drop what people typed, and the keys of repeated deliveries, once they are `keep` old (platforms repeat for 7 days)."""
    await db.execute(delete(InboxRow).where(InboxRow.at < now - keep))


async def forget_stale_talks(db: Db, now: datetime, keep: timedelta = timedelta(days=90)) -> None:
    """Drop conversations nobody touched for `keep`."""
    await db.execute(delete(TalkRow).where(TalkRow.touched_at < now - keep))
