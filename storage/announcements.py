"""Announcements: what is announced and how far it is, one row of the outbox for each recipient, what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Insert, Subquery, and_, case, cast, exists, func, insert, literal, select, update
from sqlalchemy import Text as SqlText

from storage import audiences
from storage.audiences import NO_CONSENT, NO_TOPIC, Audience, Count, wants
from storage.database import Db
from storage.event_log import Event, note
from storage.messages import OutboxMessage
from storage.outbox import ANNOUNCEMENT
from storage.personal import Personal, number_stays
from storage.purposes import Purpose, purpose
from storage.tables import AnnouncementRow, OutboxRow, PersonRow

Body: TypeAlias = dict[str, object]  # a message as the outbox keeps it


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announcement: its message in each language, and how far it is."""

    id: int
    author_id: int | None
    approver_id: int | None
    state: str  # asked scheduled sending paused stopped done refused
    topic: str
    bodies: dict[str, Body]  # by language
    size: int  # people it can reach, as its author was told
    created_at: datetime
    send_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class Recipient(NamedTuple):
    """What became of an announcement for one person."""

    person_id: int | None
    name: str
    language: str
    channel: str
    state: str
    reason: str
    sent_at: datetime | None


async def add(
    db: Db,
    author: int,
    topic: str,
    bodies: Mapping[str, Mapping[str, object]],
    audience: Audience,
    size: int,
    send_at: datetime,
    state: str,
    now: datetime,
) -> int:
    """A new announcement (`asked`: a second person must approve it; else `scheduled`); its number."""
    row = {
        "author_id": author,
        "topic": topic,
        "bodies": dict(bodies),
        "audience": audience.kept(),
        "size": size,
        "send_at": send_at,
    }
    made = insert(AnnouncementRow).values(**row, state=state, created_at=now).returning(AnnouncementRow.id)
    id = int((await db.execute(made)).scalar_one())
    await note(db, now, author, Event.ANNOUNCEMENT_WRITTEN, ("broadcast", id), None, {"state": state, "size": size})
    return id


_COLUMNS = (
    AnnouncementRow.id,
    AnnouncementRow.author_id,
    AnnouncementRow.approver_id,
    AnnouncementRow.state,
    AnnouncementRow.topic,
    AnnouncementRow.bodies,
    AnnouncementRow.size,
    AnnouncementRow.created_at,
    AnnouncementRow.send_at,
    AnnouncementRow.started_at,
    AnnouncementRow.ended_at,
)


async def one(db: Db, id: int) -> Announcement | None:
    row = (await db.execute(select(*_COLUMNS).where(AnnouncementRow.id == id))).first()
    return Announcement(*row) if row is not None else None


async def latest(db: Db, limit: int = 8) -> list[Announcement]:
    """The newest announcements first."""
    rows = await db.execute(select(*_COLUMNS).order_by(AnnouncementRow.id.desc()).limit(limit))
    return [Announcement(*row) for row in rows]


async def move(db: Db, id: int, actor: int | None, before: Collection[str], after: str, now: datetime) -> bool:
    """Give an announcement another state if it has one of `before`; whether it did, which only one of several callers learns."""
    ended = {"ended_at": now} if after in ("stopped", "done", "refused") else {}
    moved = (
        update(AnnouncementRow)
        .where(AnnouncementRow.id == id, AnnouncementRow.state.in_(before))
        .values(state=after, **ended)
    )
    if not (await db.execute(moved)).rowcount:
        return False
    await note(db, now, actor, Event(f"announcement {after}"), ("broadcast", id), None, after)
    if after == "stopped":
        await db.execute(
            update(OutboxRow)
            .where(OutboxRow.broadcast_id == id, OutboxRow.state.in_(("planned", "queued")))
            .values(state="skipped", reason="stopped")
        )
    return True


async def approve(db: Db, id: int, approver: int, now: datetime) -> bool:
    """A second person agrees; False if it no longer waits for that, or they wrote it themselves."""
    agreed = (
        update(AnnouncementRow)
        .where(AnnouncementRow.id == id, AnnouncementRow.state == "asked", AnnouncementRow.author_id != approver)
        .values(state="scheduled", approver_id=approver)
    )
    if not (await db.execute(agreed)).rowcount:
        return False
    await note(db, now, approver, Event.ANNOUNCEMENT_APPROVED, ("broadcast", id))
    return True


async def due(db: Db, now: datetime) -> list[int]:
    """Announcements whose time has come."""
    return list(
        await db.scalars(
            select(AnnouncementRow.id).where(AnnouncementRow.state == "scheduled", AnnouncementRow.send_at <= now)
        )
    )


async def plan(db: Db, id: int, now: datetime, *, bridged: Collection[str]) -> bool:
    """Write one row for each recipient, in one statement: who comes later is not among them. False if it was planned already."""
    taken = (
        update(AnnouncementRow)
        .where(AnnouncementRow.id == id, AnnouncementRow.state == "scheduled")
        .values(state="sending", started_at=now)
        .returning(AnnouncementRow.topic, AnnouncementRow.bodies, AnnouncementRow.audience)
    )
    row = (await db.execute(taken)).first()
    if row is None:
        return False
    who = audiences.recipients(Audience.of(row.audience), row.topic, list(row.bodies), now, bridged)
    await db.execute(_planned(id, row.bodies, who, now))
    return True


def _planned(id: int, bodies: Mapping[str, Body], who: Subquery, now: datetime) -> Insert:
    json = OutboxRow.__table__.c.body.type
    body = case(
        *(
            (and_(who.c.reason == "", who.c.language == code), literal(message, json))
            for code, message in bodies.items()
        ),
        else_=literal({"text": ""}, json),
    )
    columns = {
        "person_id": who.c.person_id,
        "channel": who.c.channel,
        "address": who.c.address,
        "lane": literal(ANNOUNCEMENT),
        "purpose": purpose(Purpose.ANNOUNCEMENT, id, "") + cast(who.c.person_id, SqlText),
        "body": body,
        "state": case((who.c.reason == "", "planned"), else_="skipped"),
        "reason": who.c.reason,
        "owner": literal(0),
        "attempts": literal(0),
        "parts": literal(0),
        "resent": literal(False),
        "platform_id": literal(""),
        "created_at": literal(now, OutboxRow.__table__.c.created_at.type),
        "not_before": literal(now, OutboxRow.__table__.c.not_before.type),
        "broadcast_id": literal(id),
    }
    rows = select(
        *(
            value.label(name) if hasattr(value, "label") else literal(value).label(name)
            for name, value in columns.items()
        )
    )
    return insert(OutboxRow).from_select(list(columns), rows.order_by(who.c.person_id), include_defaults=False)


async def sending(db: Db) -> list[int]:
    """Announcements on their way, oldest first."""
    return list(
        await db.scalars(
            select(AnnouncementRow.id).where(AnnouncementRow.state == "sending").order_by(AnnouncementRow.id)
        )
    )


async def claim(
    db: Db, id: int, channel: str, owner: int, limit: int, now: datetime
) -> list[tuple[OutboxMessage, int, int]]:
    """Take the next recipients of an announcement for this process, unless it was paused or stopped: (message, attempts, parts out)."""
    going = exists().where(AnnouncementRow.id == id, AnnouncementRow.state == "sending")
    next_ = (
        select(OutboxRow.id)
        .where(
            OutboxRow.broadcast_id == id,
            OutboxRow.channel == channel,
            OutboxRow.state == "planned",
            OutboxRow.not_before <= now,
            going,
        )
        .order_by(OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=OutboxRow)
    )
    columns = (
        OutboxRow.id,
        OutboxRow.person_id,
        OutboxRow.address,
        OutboxRow.body,
        OutboxRow.attempts,
        OutboxRow.parts,
    )
    taken = (
        update(OutboxRow)
        .where(OutboxRow.id.in_(next_.scalar_subquery()))
        .values(state="sending", owner=owner)
        .returning(*columns)
    )
    claimed = [
        (
            OutboxMessage(
                person,
                channel,
                address,
                body if isinstance(body, dict) else from_json(body),
                ANNOUNCEMENT,
                owner=owner,
                id=id_,
            ),
            attempts,
            parts,
        )
        for id_, person, address, body, attempts, parts in await db.execute(taken)
    ]
    return sorted(claimed, key=lambda row: row[0].id)


async def skip(db: Db, person: int, topics: Collection[str] | None = None) -> None:
    """Somebody wants no announcements any more, or none of these topics: what waits for them is not sent."""
    waiting: list[ColumnElement[bool]] = [OutboxRow.person_id == person, OutboxRow.state == "planned"]
    if topics is not None:
        waiting.append(OutboxRow.broadcast_id.in_(select(AnnouncementRow.id).where(AnnouncementRow.topic.in_(topics))))
    await db.execute(
        update(OutboxRow).where(*waiting).values(state="skipped", reason=NO_CONSENT if topics is None else NO_TOPIC)
    )


async def unfinished(db: Db, id: int) -> bool:
    """Whether an announcement still has somebody to reach."""
    waiting = (
        select(OutboxRow.id).where(OutboxRow.broadcast_id == id, OutboxRow.state.in_(("planned", "sending"))).limit(1)
    )
    return await db.scalar(waiting) is not None


async def finish(db: Db, id: int, now: datetime) -> bool:
    """End an announcement that has no recipient left; whether this call ended it."""
    return not await unfinished(db, id) and await move(db, id, None, ["sending"], "done", now)


def _in_doubt(id: int, topic: str) -> tuple[ColumnElement[bool], ...]:
    """The recipients of an announcement of whom nobody knows whether they got it, and who still want it; each once."""
    wanted = exists().where(PersonRow.id == OutboxRow.person_id, wants(topic))
    return OutboxRow.broadcast_id == id, OutboxRow.state == "unknown", ~OutboxRow.resent, wanted


async def in_doubt(db: Db, id: int, topic: str) -> int:
    """How many people may or may not have got an announcement, and can be sent it once more."""
    return int(await db.scalar(select(func.count()).select_from(OutboxRow).where(*_in_doubt(id, topic))) or 0)


async def again(db: Db, id: int, topic: str, actor: int, now: datetime) -> int:
    """Send a finished announcement once more to whoever may not have got it; to how many. 0 if it is not finished."""
    if not await move(db, id, actor, ["done"], "sending", now):
        return 0
    waits = {"state": "planned", "resent": True, "reason": "", "owner": 0, "parts": 0, "not_before": now}
    return int((await db.execute(update(OutboxRow).where(*_in_doubt(id, topic)).values(**waits))).rowcount)


async def report(db: Db, id: int) -> list[Count]:
    """What became of an announcement: by language and channel; `reason` is the state, with its reason after a colon."""
    language = func.coalesce(PersonRow.language, "")
    query = (
        select(language, OutboxRow.channel, OutboxRow.state, OutboxRow.reason, func.count())
        .outerjoin(PersonRow, PersonRow.id == OutboxRow.person_id)
        .where(OutboxRow.broadcast_id == id)
        .group_by(language, OutboxRow.channel, OutboxRow.state, OutboxRow.reason)
        .order_by(OutboxRow.state, OutboxRow.reason, language, OutboxRow.channel)
    )
    return [
        Count(code, channel, f"{state}:{reason}" if reason else state, n)
        for code, channel, state, reason, n in await db.execute(query)
    ]


async def recipients(db: Db, id: int, limit: int = 50_000) -> list[Recipient]:
    """Every recipient of an announcement."""
    query = (
        select(
            OutboxRow.person_id,
            PersonRow.name,
            PersonRow.language,
            OutboxRow.channel,
            OutboxRow.state,
            OutboxRow.reason,
            OutboxRow.sent_at,
        )
        .join(PersonRow, PersonRow.id == OutboxRow.person_id)
        .where(OutboxRow.broadcast_id == id)
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    return [Recipient(*row) for row in await db.execute(query)]


PERSONAL = (Personal(AnnouncementRow.author_id, number_stays), Personal(AnnouncementRow.approver_id, number_stays))
