"""Who speaks with us: addresses, roles, consents, and forgetting them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, null, select, update

from storage import sessions
from storage.database import Db
from storage.event_log import note
from storage.tables import (
    AddressRow,
    ApplicationRow,
    AuditRow,
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

ROLES = ("founder", "coach", "reviewer", "staff", "admin")


async def at(db: Db, channel: str, address: str) -> int | None:
    """The person who writes from an address."""
    return await db.scalar(
        select(AddressRow.person_id).where(AddressRow.channel == channel, AddressRow.address == address)
    )


async def add(db: Db, channel: str, address: str, now: datetime) -> int:
    """A person who has not written yet, known by an address only."""
    made = insert(PersonRow).values(created_at=now, seen_at=now).returning(PersonRow.id)
    id = int((await db.execute(made)).scalar_one())
    await db.execute(insert(AddressRow).values(person_id=id, channel=channel, address=address, used_at=now))
    return id


async def grant(db: Db, person: int, role: str, now: datetime, *, actor: int | None = None) -> list[str]:
    """Give a role; the roles they have now. ValueError if there is no such role."""
    if role not in ROLES:
        raise ValueError(role)
    before = (await db.scalar(select(PersonRow.roles).where(PersonRow.id == person).with_for_update()) or "").split()
    after = [known for known in ROLES if known in before or known == role]
    await db.execute(update(PersonRow).where(PersonRow.id == person).values(roles=" ".join(after)))
    await note(db, now, actor, "role granted", f"person:{person}", before, after)
    return after


async def revoke(db: Db, person: int, role: str, now: datetime, *, actor: int | None = None) -> list[str]:
    """Take a role away; the roles they have now. A founder stays a founder."""
    before = (await db.scalar(select(PersonRow.roles).where(PersonRow.id == person).with_for_update()) or "").split()
    after = [known for known in before if known != role or known == "founder"]
    await db.execute(update(PersonRow).where(PersonRow.id == person).values(roles=" ".join(after)))
    await note(db, now, actor, "role taken away", f"person:{person}", before, after)
    return after


async def team(db: Db) -> list[tuple[int, str, list[str]]]:
    """(id, name, roles) of everybody who is more than a founder."""
    query = (
        select(PersonRow.id, PersonRow.name, PersonRow.roles).where(PersonRow.roles != "founder").order_by(PersonRow.id)
    )
    return [(id, name, roles.split()) for id, name, roles in await db.execute(query)]


async def profiles(db: Db, *roles: str) -> dict[int, dict[str, Any]]:
    """What those who have one of these roles told us once, by person."""
    query = select(PersonRow.id, PersonRow.roles, PersonRow.profile).where(PersonRow.roles != "founder")
    return {id: profile for id, theirs, profile in await db.execute(query) if set(theirs.split()) & set(roles)}


async def listed(db: Db) -> Sequence[tuple[int, list[str], str, list[str], datetime]]:
    """Everybody: id, addresses, language, roles, last seen (to the hour)."""
    places: dict[int, list[str]] = {}
    for person, channel, address in await db.execute(
        select(AddressRow.person_id, AddressRow.channel, AddressRow.address).order_by(AddressRow.id)
    ):
        places.setdefault(person, []).append(f"{channel}:{address}")
    rows = await db.execute(
        select(PersonRow.id, PersonRow.language, PersonRow.roles, PersonRow.seen_at).order_by(PersonRow.id)
    )
    return [(id, places.get(id, []), language, roles.split(), seen) for id, language, roles, seen in rows]


async def with_role(db: Db, *roles: str) -> list[tuple[int, str]]:
    """(id, language) of everybody who has one of these roles."""
    query = (
        select(PersonRow.id, PersonRow.language, PersonRow.roles)
        .where(PersonRow.roles != "founder")
        .order_by(PersonRow.id)
    )
    return [(id, language) for id, language, theirs in await db.execute(query) if set(theirs.split()) & set(roles)]


async def places(db: Db, person: int) -> list[tuple[str, bool]]:
    """The channels a person can be reached on, the one used last first, and whether they chose it for what nobody asked for."""
    query = select(AddressRow.channel, AddressRow.chosen).where(AddressRow.person_id == person, AddressRow.gone == "")
    return [
        (channel, chosen)
        for channel, chosen in await db.execute(query.order_by(AddressRow.used_at.desc(), AddressRow.id))
    ]


async def choose(db: Db, person: int, channel: str | None) -> None:
    """What nobody asked for goes to this channel first; None: to the one they used last."""
    theirs = update(AddressRow).where(AddressRow.person_id == person)
    await db.execute(theirs.values(chosen=AddressRow.channel == channel if channel else False))


async def language_of(db: Db, person: int) -> str:
    return await db.scalar(select(PersonRow.language).where(PersonRow.id == person)) or ""


async def name_of(db: Db, person: int) -> str:
    return await db.scalar(select(PersonRow.name).where(PersonRow.id == person)) or ""


async def talk_of(db: Db, person: int, number: int) -> dict[str, Any] | None:
    """What a half-done conversation keeps; None if it is over."""
    state = await db.scalar(select(TalkRow.state).where(TalkRow.person_id == person, TalkRow.number == number))
    return state if isinstance(state, dict) else None


async def drafts(db: Db, name: str, first: datetime, last: datetime) -> Sequence[Any]:
    """Half-done conversations of this name that were last touched between two instants: person, number, touched_at."""
    query = select(TalkRow.person_id, TalkRow.number, TalkRow.touched_at).where(
        TalkRow.name == name, TalkRow.touched_at.between(first, last)
    )
    return (await db.execute(query)).all()


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


async def _rows(db: Db, query: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in (await db.execute(query)).mappings()]


async def erase(db: Db, person: int, now: datetime) -> list[str]:
    """Forget a person; the ids of their files, to be removed from disk. Applications stay as counts without answers."""
    files = list(await db.scalars(select(FileRow.id).where(FileRow.person_id == person)))
    theirs = select(ApplicationRow.id).where(ApplicationRow.person_id == person)
    subjects = [f"person:{person}", *(f"application:{id}" for id in await db.scalars(theirs))]
    await db.execute(update(AuditRow).where(AuditRow.subject.in_(subjects)).values(before=null(), after=null()))
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
    await note(db, now, None, "person erased", f"person:{person}")
    return files


async def forget_old_words(db: Db, now: datetime, keep: timedelta = timedelta(days=30)) -> None:
    """Drop what people typed, and the keys of repeated deliveries, once they are `keep` old (platforms repeat for 7 days)."""
    await db.execute(delete(InboxRow).where(InboxRow.at < now - keep))


async def forget_stale_talks(db: Db, now: datetime, keep: timedelta = timedelta(days=90)) -> None:
    """Drop conversations nobody touched for `keep`."""
    await db.execute(delete(TalkRow).where(TalkRow.touched_at < now - keep))
