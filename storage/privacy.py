"""A person's data: all of it, erased, or forgotten by age."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, update

from storage import event_log, sessions
from storage.database import Db
from storage.event_log import Event, note
from storage.tables import (
    AddressRow,
    ApplicationRow,
    BookingRow,
    ConsentRow,
    DecisionRow,
    DocumentRow,
    FileRow,
    HandoffRow,
    InboxRow,
    ItemRow,
    MentionRow,
    OutboxRow,
    PersonRow,
    ReminderRow,
    ReviewRow,
    TalkRow,
    WaitRow,
)


async def everything(db: Db, person: int) -> dict[str, Any]:
    """All we keep of a person, for their own eyes: JSON, times as ISO text."""
    who = (await db.execute(select(PersonRow).where(PersonRow.id == person))).one()
    found: dict[str, Any] = {
        "person": {
            "since": who.created_at,
            "language": who.language,
            "name": who.name,
            "roles": who.roles,
            "facts": who.profile,
        },
        "addresses": await _rows(
            db,
            select(
                AddressRow.channel, AddressRow.address, AddressRow.user_id, AddressRow.used_at, AddressRow.heard_at
            ).where(AddressRow.person_id == person),
        ),
        "consents": await _rows(
            db,
            select(
                ConsentRow.purpose,
                ConsentRow.granted,
                ConsentRow.version,
                ConsentRow.language,
                ConsentRow.channel,
                ConsentRow.at,
            )
            .where(ConsentRow.person_id == person)
            .order_by(ConsentRow.id),
        ),
        "unfinished": await _rows(
            db, select(TalkRow.name, TalkRow.state, TalkRow.touched_at).where(TalkRow.person_id == person)
        ),
        "applications": await _rows(
            db,
            select(
                ApplicationRow.reference,
                ApplicationRow.status,
                ApplicationRow.answers,
                ApplicationRow.submitted_at,
                ApplicationRow.words,
            ).where(ApplicationRow.person_id == person),
        ),
        "asked_to_change": await _rows(
            db,
            select(ItemRow.item, ItemRow.note, ItemRow.asked_at, ItemRow.before, ItemRow.after)
            .join(ApplicationRow, ApplicationRow.id == ItemRow.application_id)
            .where(ApplicationRow.person_id == person)
            .order_by(ItemRow.id),
        ),
        "files": await _rows(
            db, select(FileRow.name, FileRow.kind, FileRow.size, FileRow.at).where(FileRow.person_id == person)
        ),
        "sessions": await _rows(
            db,
            select(
                BookingRow.topic,
                BookingRow.place,
                BookingRow.wall,
                BookingRow.zone,
                BookingRow.state,
                BookingRow.goal,
                BookingRow.steps,
                BookingRow.rating,
                BookingRow.feedback,
            )
            .where(BookingRow.founder_id == person)
            .order_by(BookingRow.id),
        ),
        "waiting_for": await _rows(db, select(WaitRow.topic, WaitRow.at).where(WaitRow.founder_id == person)),
        "reminders": await _rows(
            db,
            select(ReminderRow.kind, ReminderRow.due_at, ReminderRow.state)
            .where(ReminderRow.person_id == person)
            .order_by(ReminderRow.due_at),
        ),
        "you_wrote": await _rows(
            db, select(InboxRow.at, InboxRow.said).where(InboxRow.person_id == person).order_by(InboxRow.at)
        ),
        "we_wrote": await _rows(
            db,
            select(OutboxRow.created_at, OutboxRow.state, OutboxRow.body)
            .where(OutboxRow.person_id == person)
            .order_by(OutboxRow.id),
        ),
    }
    return found


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


async def _rows(db: Db, query: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in (await db.execute(query)).mappings()]


async def erase(db: Db, person: int, now: datetime) -> list[str]:
    """Forget a person; the ids of their files, to be removed from disk. Applications stay as counts without answers."""
    files = list(await db.scalars(select(FileRow.id).where(FileRow.person_id == person)))
    theirs = select(ApplicationRow.id).where(ApplicationRow.person_id == person)
    await event_log.forget(db, person)
    told = select(MentionRow.outbox_id).where(
        MentionRow.person_id == person
    )  # what the team and coaches were sent of them
    bodies = await db.scalars(select(OutboxRow.body).where(OutboxRow.id.in_(told)))
    enclosed = [body["file"][0] for body in bodies if isinstance(body, dict) and "file" in body]
    await db.execute(delete(FileRow).where(FileRow.id.in_(enclosed)))
    files = [*files, *(id for id in enclosed if id not in files)]
    await db.execute(delete(OutboxRow).where(OutboxRow.id.in_(told)))
    await db.execute(delete(MentionRow).where(MentionRow.person_id == person))
    for table in (ReviewRow, ItemRow, DecisionRow):
        await db.execute(delete(table).where(table.application_id.in_(theirs)))
    await db.execute(delete(DocumentRow).where(DocumentRow.application_id.in_(theirs)))
    await db.execute(
        update(ApplicationRow)
        .where(ApplicationRow.person_id == person)
        .values(person_id=None, answers={}, words="", changed_at=now)
    )
    await db.execute(
        update(HandoffRow)
        .where(HandoffRow.person_id == person)
        .values(person_id=None, closed_at=func.coalesce(HandoffRow.closed_at, now))
    )
    await sessions.forget_person(db, person, now)
    await db.execute(update(InboxRow).where(InboxRow.person_id == person).values(person_id=None, said=""))
    await db.execute(delete(OutboxRow).where(OutboxRow.person_id == person))
    await db.execute(delete(PersonRow).where(PersonRow.id == person))
    await note(db, now, None, Event.PERSON_ERASED, ("person", person))
    return files


async def forget_old_words(db: Db, now: datetime, keep: timedelta = timedelta(days=30)) -> None:
    """Drop what people typed, and the keys of repeated deliveries, once they are `keep` old (platforms repeat for 7 days)."""
    await db.execute(delete(InboxRow).where(InboxRow.at < now - keep))


async def forget_stale_talks(db: Db, now: datetime, keep: timedelta = timedelta(days=90)) -> None:
    """Drop conversations nobody touched for `keep`."""
    await db.execute(delete(TalkRow).where(TalkRow.touched_at < now - keep))
