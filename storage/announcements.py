"""Announcements: whom they are for, one row of the outbox for each recipient, what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Select, and_, case, cast, exists, func, insert, literal, or_, select, update
from sqlalchemy import Text as SqlText

from storage.database import Db
from storage.event_log import Event, note
from storage.messages import OutboxMessage
from storage.outbox import BROADCAST, NEAREST
from storage.personal import Personal, number_stays
from storage.tables import AddressRow, ApplicationRow, BroadcastRow, OutboxRow, PersonRow

LIVE = ("asked", "scheduled", "sending", "paused")
NO_CONSENT, NO_TOPIC, NO_TEXT, NOWHERE, BRIDGED = "no consent", "topic stopped", "no text", "unreachable", "bridge"
BRIDGES = ("waha", "gowa")  # numbers that would be banned for announcements


@dataclass(frozen=True, slots=True)
class Count:
    """How many people of one language, on one channel, would get it (`reason` is empty), or would not, and why."""

    language: str
    channel: str
    reason: str
    people: int


def _listed(column: Any, value: str) -> Any:
    """Whether a JSON list of words holds one; both databases write it as text alike."""
    return cast(column, SqlText).like(f'%"{value}"%')


def _chosen(audience: Mapping[str, Any]) -> list[Any]:
    """The conditions of an audience: within a list any, between lists all."""
    answers = PersonRow.profile["eligibility"]["answers"]
    found: list[Any] = [PersonRow.language != ""]  # whoever never chose one has not met us yet
    if roles := audience.get("roles"):
        found.append(or_(*((" " + PersonRow.roles + " ").like(f"% {role} %") for role in roles)))
    if sectors := audience.get("sectors"):
        found.append(or_(*(_listed(answers["sector"], sector) for sector in sectors)))
    for name, asked in (("stages", "stage"), ("applicants", "applicant_type")):
        if chosen := audience.get(name):
            found.append(answers[asked].as_string().in_(chosen))
    if statuses := audience.get("statuses"):
        has = exists().where(ApplicationRow.person_id == PersonRow.id, ApplicationRow.status.in_(statuses))
        none = ~exists().where(ApplicationRow.person_id == PersonRow.id)
        found.append(or_(has, none) if "none" in statuses else has)
    if languages := audience.get("languages"):
        found.append(PersonRow.language.in_(languages))
    return found


def _recipients(audience: Mapping[str, Any], topic: str, languages: Collection[str], now: datetime) -> Any:
    """Everybody of an audience: person_id, language, channel, address, and the reason why they get nothing ("" if they do)."""
    order = func.row_number().over(partition_by=AddressRow.person_id, order_by=NEAREST)
    open_ = AddressRow.gone == ""
    reach = (
        select(AddressRow.person_id, AddressRow.channel, AddressRow.address, order.label("nth"))
        .where(open_, AddressRow.channel.not_in(BRIDGES))
        .subquery()
    )
    bridged = exists().where(AddressRow.person_id == PersonRow.id, open_, AddressRow.channel.in_(BRIDGES))
    reason = case(
        (~_listed(PersonRow.agreed, "news"), NO_CONSENT),
        (_listed(PersonRow.agreed, f"not:{topic}"), NO_TOPIC),
        (and_(reach.c.address.is_(None), bridged), BRIDGED),
        (reach.c.address.is_(None), NOWHERE),
        (PersonRow.language.not_in(languages), NO_TEXT),
        else_="",
    )
    conditions = _chosen(audience)
    if channels := audience.get("channels"):
        conditions.append(reach.c.channel.in_(channels))
    if days := audience.get("seen_days"):
        conditions.append(PersonRow.seen_at > now - timedelta(days=int(days)))
    return (
        select(
            PersonRow.id.label("person_id"),
            PersonRow.language,
            func.coalesce(reach.c.channel, "").label("channel"),
            func.coalesce(reach.c.address, "").label("address"),
            reason.label("reason"),
        )
        .outerjoin(reach, and_(reach.c.person_id == PersonRow.id, reach.c.nth == 1))
        .where(*conditions)
        .subquery()
    )


async def counted(
    db: Db, audience: Mapping[str, Any], topic: str, languages: Collection[str], now: datetime
) -> list[Count]:
    """Exact numbers for the send screen, by language, channel and reason."""
    who = _recipients(audience, topic, languages, now)
    query = select(who.c.language, who.c.channel, who.c.reason, func.count()).group_by(
        who.c.language, who.c.channel, who.c.reason
    )
    return [
        Count(*row) for row in (await db.execute(query.order_by(who.c.reason, who.c.language, who.c.channel))).all()
    ]


async def add(
    db: Db,
    author: int,
    topic: str,
    bodies: Mapping[str, Any],
    audience: Mapping[str, Any],
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
        "audience": dict(audience),
        "size": size,
        "send_at": send_at,
    }
    made = insert(BroadcastRow).values(**row, state=state, created_at=now).returning(BroadcastRow.id)
    id = int((await db.execute(made)).scalar_one())
    await note(db, now, author, Event.ANNOUNCEMENT_WRITTEN, ("broadcast", id), None, {"state": state, "size": size})
    return id


_COLUMNS = (
    BroadcastRow.id,
    BroadcastRow.author_id,
    BroadcastRow.approver_id,
    BroadcastRow.state,
    BroadcastRow.topic,
    BroadcastRow.bodies,
    BroadcastRow.size,
    BroadcastRow.created_at,
    BroadcastRow.send_at,
    BroadcastRow.started_at,
    BroadcastRow.ended_at,
)


async def one(db: Db, id: int) -> Any:
    """An announcement: id, author_id, approver_id, state, topic, bodies, size, created_at, send_at, started_at, ended_at."""
    return (await db.execute(select(*_COLUMNS).where(BroadcastRow.id == id))).first()


async def latest(db: Db, limit: int = 8) -> Sequence[Any]:
    """The newest announcements, with the same columns."""
    return (await db.execute(select(*_COLUMNS).order_by(BroadcastRow.id.desc()).limit(limit))).all()


async def move(db: Db, id: int, actor: int | None, before: Collection[str], after: str, now: datetime) -> bool:
    """Give an announcement another state if it has one of `before`; whether it did, which only one of several callers learns."""
    ended = {"ended_at": now} if after in ("stopped", "done", "refused") else {}
    moved = (
        update(BroadcastRow).where(BroadcastRow.id == id, BroadcastRow.state.in_(before)).values(state=after, **ended)
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
        update(BroadcastRow)
        .where(BroadcastRow.id == id, BroadcastRow.state == "asked", BroadcastRow.author_id != approver)
        .values(state="scheduled", approver_id=approver)
    )
    if not (await db.execute(agreed)).rowcount:
        return False
    await note(db, now, approver, Event.ANNOUNCEMENT_APPROVED, ("broadcast", id))
    return True


# sending ------------------------------------------------------------------------------------------------------------


async def due(db: Db, now: datetime) -> list[int]:
    """Announcements whose time has come."""
    return list(
        await db.scalars(select(BroadcastRow.id).where(BroadcastRow.state == "scheduled", BroadcastRow.send_at <= now))
    )


async def plan(db: Db, id: int, now: datetime) -> bool:
    """Write one row for each recipient, in one statement: who comes later is not among them. False if it was planned already."""
    taken = (
        update(BroadcastRow)
        .where(BroadcastRow.id == id, BroadcastRow.state == "scheduled")
        .values(state="sending", started_at=now)
        .returning(BroadcastRow.topic, BroadcastRow.bodies, BroadcastRow.audience)
    )
    row = (await db.execute(taken)).first()
    if row is None:
        return False
    await db.execute(_planned(id, row.topic, row.bodies, row.audience, now))
    return True


def _planned(id: int, topic: str, bodies: Mapping[str, Any], audience: Mapping[str, Any], now: datetime) -> Any:
    who = _recipients(audience, topic, list(bodies), now)
    json = OutboxRow.__table__.c.body.type
    body = case(
        *((and_(who.c.reason == "", who.c.language == code), literal(said, json)) for code, said in bodies.items()),
        else_=literal({"text": ""}, json),
    )
    columns = {
        "person_id": who.c.person_id,
        "channel": who.c.channel,
        "address": who.c.address,
        "lane": literal(BROADCAST),
        "purpose": f"broadcast:{id}:" + cast(who.c.person_id, SqlText),
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
    chosen: Select[Any] = select(
        *(
            value.label(name) if hasattr(value, "label") else literal(value).label(name)
            for name, value in columns.items()
        )
    )
    return insert(OutboxRow).from_select(list(columns), chosen.order_by(who.c.person_id), include_defaults=False)


async def sending(db: Db) -> list[int]:
    """Announcements on their way, oldest first."""
    return list(
        await db.scalars(select(BroadcastRow.id).where(BroadcastRow.state == "sending").order_by(BroadcastRow.id))
    )


async def claim(
    db: Db, id: int, channel: str, owner: int, limit: int, now: datetime
) -> list[tuple[OutboxMessage, int, int]]:
    """Take the next recipients of an announcement for this process, unless it was paused or stopped: (letter, attempts, parts out)."""
    going = exists().where(BroadcastRow.id == id, BroadcastRow.state == "sending")
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
    found = [
        (
            OutboxMessage(
                person,
                channel,
                address,
                body if isinstance(body, dict) else from_json(body),
                BROADCAST,
                owner=owner,
                id=letter,
            ),
            attempts,
            parts,
        )
        for letter, person, address, body, attempts, parts in await db.execute(taken)
    ]
    return sorted(found, key=lambda row: row[0].id)


async def leave(db: Db, person: int, topics: Collection[str] | None = None) -> None:
    """Somebody wants no announcements any more, or none of these topics: what waits for them is not sent."""
    waiting: list[Any] = [OutboxRow.person_id == person, OutboxRow.state == "planned"]
    if topics is not None:
        waiting.append(OutboxRow.broadcast_id.in_(select(BroadcastRow.id).where(BroadcastRow.topic.in_(topics))))
    await db.execute(
        update(OutboxRow).where(*waiting).values(state="skipped", reason=NO_CONSENT if topics is None else NO_TOPIC)
    )


async def left(db: Db, id: int) -> bool:
    """Whether an announcement still has somebody to reach."""
    waiting = (
        select(OutboxRow.id).where(OutboxRow.broadcast_id == id, OutboxRow.state.in_(("planned", "sending"))).limit(1)
    )
    return await db.scalar(waiting) is not None


async def finish(db: Db, id: int, now: datetime) -> bool:
    """End an announcement that has no recipient left; whether this call ended it."""
    return not await left(db, id) and await move(db, id, None, ["sending"], "done", now)


def _in_doubt(id: int, topic: str) -> tuple[Any, ...]:
    """The recipients of an announcement of whom nobody knows whether they got it, and who still want it; each once."""
    wants = exists().where(
        PersonRow.id == OutboxRow.person_id,
        _listed(PersonRow.agreed, "news"),
        ~_listed(PersonRow.agreed, f"not:{topic}"),
    )
    return OutboxRow.broadcast_id == id, OutboxRow.state == "unknown", ~OutboxRow.resent, wants


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


async def recipients(db: Db, id: int, limit: int = 50_000) -> Sequence[Any]:
    """Every recipient of an announcement: person_id, name, language, channel, state, reason, sent_at."""
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
    return (await db.execute(query)).all()


PERSONAL = (Personal(BroadcastRow.author_id, number_stays), Personal(BroadcastRow.approver_id, number_stays))
