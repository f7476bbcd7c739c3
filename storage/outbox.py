"""The outbox: what is due, what became of it, and what a dead process left in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import case, delete, func, insert, or_, select, update

from storage.bulk import Statement
from storage.database import Db, stamp
from storage.messages import OutboxMessage, post_once
from storage.personal import Personal, deleted, one_for_each
from storage.purposes import Purpose, pattern
from storage.tables import AddressRow, FileRow, MentionRow, OutboxRow

REPLY, NOTICE, ANNOUNCEMENT = 0, 1, 2
DIED = "the process died while sending"
DEATHS = 2  # of processes that were sending a letter, until it is sent no more
# where a person is written to who did not speak just now: where they chose, else where they were last; but a page shows
# nothing until it is opened again
NEAREST = (AddressRow.chosen.desc(), AddressRow.channel == "web", AddressRow.used_at.desc(), AddressRow.id)
CHANGED = "mouwakib_outbox"  # PostgreSQL's LISTEN/NOTIFY name: something was queued for whoever sends


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one letter."""

    id: int
    state: str
    reason: str = ""
    platform_id: str = ""
    parts: int = 0
    not_before: datetime | None = None


_MARK = Statement(
    "id bigint, state text, reason text, platform_id text, parts int, at timestamp, due timestamp",
    """UPDATE outbox SET state = r.state, reason = r.reason, platform_id = CASE WHEN r.platform_id = '' THEN outbox.platform_id ELSE r.platform_id END,
    parts = r.parts, attempts = outbox.attempts + CASE WHEN r.state = 'sending' THEN 0 ELSE 1 END,
    owner = CASE WHEN r.state = 'sending' THEN outbox.owner ELSE 0 END,
    sent_at = CASE WHEN r.state = 'sent' THEN r.at ELSE outbox.sent_at END, not_before = COALESCE(r.due, outbox.not_before)
    FROM @rows WHERE outbox.id = r.id AND @among(outbox.id, r.id)
    AND (outbox.state IN ('sending', 'unknown') OR (outbox.state = 'queued' AND r.state = 'sent'))
    AND (r.state <> 'sent' OR r.platform_id = '' OR outbox.platform_id <> r.platform_id)""",
)


async def mark(db: Db, marks: Sequence[Mark], now: datetime) -> None:
    """Write outcomes, of each letter the last one; a letter to somebody erased meanwhile leaves no trace.

    One that was taken for lost, and queued again, but did arrive, is not sent once more. One whose failure was heard of
    before its mark is, even if it was taken again by then: the row bears the name of the try that failed.
    """
    at = stamp(now)
    rows = [
        {
            "id": m.id,
            "state": m.state,
            "reason": m.reason,
            "platform_id": m.platform_id,
            "parts": m.parts,
            "at": at,
            "due": stamp(m.not_before) if m.not_before else None,
        }
        for m in {m.id: m for m in marks}.values()
    ]
    await _MARK.run(db, rows)


async def address_of(db: Db, id: int) -> str:
    """Where a letter goes; "" if there is none."""
    return await db.scalar(select(OutboxRow.address).where(OutboxRow.id == id)) or ""


def too_late(body: dict[str, Any], now: datetime) -> bool:
    """Whether a message has outlived its use: a reminder of what is over."""
    return "until" in body and now >= datetime.fromisoformat(body["until"])


async def forget_nobodys(db: Db) -> None:
    """Remove finished letters that belong to nobody: the farewell to somebody who was erased."""
    await db.execute(
        delete(OutboxRow).where(OutboxRow.person_id.is_(None), OutboxRow.state.not_in(("queued", "sending")))
    )


async def claim(
    db: Db, owner: int, channels: Sequence[str], now: datetime, limit: int
) -> list[tuple[OutboxMessage, int, int]]:
    """Take due letters of these channels for this process: (letter, attempts so far, parts already out), in sending order."""
    due = (
        select(OutboxRow.id)
        .where(OutboxRow.state == "queued", OutboxRow.not_before <= now, OutboxRow.channel.in_(channels))
        .order_by(OutboxRow.lane, OutboxRow.not_before, OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite leaves this out, and needs it not: its writers take turns
    )
    rows = await db.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(due.scalar_subquery()))
        .values(state="sending", owner=owner)
        .returning(
            OutboxRow.id,
            OutboxRow.person_id,
            OutboxRow.channel,
            OutboxRow.address,
            OutboxRow.lane,
            OutboxRow.body,
            OutboxRow.attempts,
            OutboxRow.parts,
        )
    )
    found = [
        (
            OutboxMessage(
                person, channel, address, body if isinstance(body, dict) else from_json(body), lane, owner=owner, id=id
            ),
            attempts,
            parts,
        )
        for id, person, channel, address, lane, body, attempts, parts in rows
    ]
    return sorted(found, key=lambda row: (row[0].lane, row[0].id))


async def next_due(db: Db, channels: Sequence[str]) -> datetime | None:
    """When the next queued letter of these channels may go; None if there is none."""
    return await db.scalar(
        select(func.min(OutboxRow.not_before)).where(OutboxRow.state == "queued", OutboxRow.channel.in_(channels))
    )


async def owners(db: Db, channels: Sequence[str]) -> list[int]:
    """The processes that hold letters of these channels as being sent."""
    query = select(OutboxRow.owner).where(OutboxRow.state == "sending", OutboxRow.channel.in_(channels)).distinct()
    return list(await db.scalars(query))


async def sending(db: Db, owner: int, before: datetime) -> set[int]:
    """The letters that a process holds as being sent, written before this moment."""
    mine = select(OutboxRow.id).where(
        OutboxRow.state == "sending", OutboxRow.owner == owner, OutboxRow.created_at < before
    )
    return set(await db.scalars(mine))


_WAITS = case((OutboxRow.lane == ANNOUNCEMENT, "planned"), else_="queued")


async def queue_again(db: Db, ids: Iterable[int]) -> None:
    """Put letters that surely were not sent back into the queue."""
    await db.execute(
        update(OutboxRow).where(OutboxRow.id.in_(list(ids)), OutboxRow.state == "sending").values(state=_WAITS, owner=0)
    )


async def settle_doubt(db: Db, owner: int, channels: Sequence[str], now: datetime) -> int:
    """Letters a dead process was sending may have arrived. Replies and notices go again, flagged, up to `DEATHS` times;
    announcements stay `unknown`, and so does what has outlived more processes than that: it may be what kills them. How many
    letters were in doubt."""
    again = (OutboxRow.lane < ANNOUNCEMENT) & (~OutboxRow.resent | (OutboxRow.attempts < DEATHS))
    settled = await db.execute(
        update(OutboxRow)
        .where(OutboxRow.state == "sending", OutboxRow.owner == owner, OutboxRow.channel.in_(channels))
        .values(
            state=case((again, "queued"), else_="unknown"),
            reason=case((again, ""), else_=DIED),
            resent=or_(OutboxRow.resent, again),
            attempts=OutboxRow.attempts + 1,
            owner=0,
            not_before=now,
        )
    )
    return settled.rowcount


async def gone(db: Db, channel: str, address: str, reason: str) -> None:
    """Nothing more is sent to this address until the person writes from it again; notices go to their next one."""
    await db.execute(
        update(AddressRow).where(AddressRow.channel == channel, AddressRow.address == address).values(gone=reason)
    )
    there = (
        OutboxRow.channel == channel,
        OutboxRow.address == address,
        OutboxRow.state == "queued",
        OutboxRow.lane == NOTICE,
    )
    for id in list(await db.scalars(select(OutboxRow.id).where(*there))):
        await elsewhere(db, id, reason, None)
    await db.execute(
        update(OutboxRow)
        .where(OutboxRow.channel == channel, OutboxRow.address == address, OutboxRow.state.in_(("queued", "planned")))
        .values(state="skipped", reason=reason)
    )


async def elsewhere(db: Db, id: int, reason: str, now: datetime | None) -> bool:
    """Queue a notice that did not get through for the person's next address (from `now`, or when it was due); False if it
    has been tried at all they have."""
    row = (
        await db.execute(
            select(OutboxRow.person_id, OutboxRow.channel, OutboxRow.address, OutboxRow.lane, OutboxRow.body).where(
                OutboxRow.id == id
            )
        )
    ).first()
    if row is None or row.lane != NOTICE:
        return False
    body = row.body if isinstance(row.body, dict) else from_json(row.body)
    tried = [*body.get("tried", ()), [row.channel, row.address]]
    places = await db.execute(
        select(AddressRow.channel, AddressRow.address)
        .where(AddressRow.person_id == row.person_id, AddressRow.gone == "")
        .order_by(*NEAREST)
    )
    for channel, address in places:
        if [channel, address] not in tried:
            fresh: dict[str, Any] = {
                "channel": channel,
                "address": address,
                "body": body | {"tried": tried},
                "state": "queued",
                "parts": 0,
            }
            fresh |= {"owner": 0, "platform_id": "", "reason": reason[:80]} | (
                {"not_before": now} if now is not None else {}
            )
            await db.execute(update(OutboxRow).where(OutboxRow.id == id).values(**fresh))
            await wake(db)
            return True
    return False


async def notify(
    db: Db,
    person: int,
    body: dict[str, Any],
    now: datetime,
    *,
    purpose: str | None = None,
    about: int | None = None,
    lane: int = NOTICE,
) -> bool:
    """Queue a message for a person, at the address they chose or used last. False if they cannot be reached on any.

    With a `purpose` it is queued once: a second call with the same one does nothing. `about` is somebody else whom it
    tells of: when they are erased, so is the message.
    """
    reach = (
        select(AddressRow.channel, AddressRow.address)
        .where(AddressRow.person_id == person, AddressRow.gone == "")
        .order_by(*NEAREST)
        .limit(1)
    )
    found = (await db.execute(reach)).first()
    if found is None:
        return False
    letter = OutboxMessage(person, found.channel, found.address, body, lane, "queued", purpose=purpose)
    if await post_once(db, letter, now):
        if about is not None:
            await tells_of(db, [letter], [about])
        await wake(db)
    return True


async def tells_of(db: Db, letters: Sequence[OutboxMessage], people: Iterable[int]) -> None:
    """Note that letters tell of others, to be forgotten with them."""
    rows = [
        {"outbox_id": letter.id, "person_id": person}
        for letter in letters
        if letter.id
        for person in people
        if person != letter.person
    ]
    if rows:
        await db.execute(insert(MentionRow), rows)


async def wake(db: Db, payload: str = "") -> None:
    """Tell the other processes that something was queued, or what `payload` says; they hear it at the commit."""
    if db.dialect.name == "postgresql":
        await db.execute(select(func.pg_notify(CHANGED, payload)))


async def waiting(db: Db) -> int:
    """How many letters are queued."""
    return int(await db.scalar(select(func.count()).where(OutboxRow.state == "queued")) or 0)


async def since(
    db: Db, channel: str, address: str, after: int, limit: int = 200
) -> list[tuple[int, dict[str, Any], datetime]]:
    """The newest messages (id, body, time) written to an address after the given id, oldest first."""
    query = (
        select(OutboxRow.id, OutboxRow.body, OutboxRow.created_at)
        .where(
            OutboxRow.channel == channel,
            OutboxRow.address == address,
            OutboxRow.id > after,
            OutboxRow.state.not_in(("skipped", "planned")),
        )
        .order_by(OutboxRow.id.desc())
        .limit(limit)
    )
    return [
        (id, body if isinstance(body, dict) else from_json(body), at)
        for id, body, at in reversed((await db.execute(query)).all())
    ]


async def purpose_of(db: Db, channel: str, platform_id: str) -> str | None:
    """What the message that a platform knows by this id was for."""
    known = (OutboxRow.channel == channel, OutboxRow.platform_id == platform_id, OutboxRow.platform_id != "")
    query = select(OutboxRow.purpose).where(*known).limit(1)
    found: str | None = await db.scalar(query)
    return found


async def last_notice(db: Db, channel: str, address: str) -> dict[str, Any] | None:
    """The message somebody saw last at an address, if nobody had asked for it."""
    person = (
        select(AddressRow.person_id)
        .where(AddressRow.channel == channel, AddressRow.address == address)
        .scalar_subquery()
    )
    there = (OutboxRow.person_id == person, OutboxRow.channel == channel, OutboxRow.address == address)
    out = or_(
        OutboxRow.sent_at.is_not(None), OutboxRow.state == "sending"
    )  # what is being sent may be there before we know
    order = (OutboxRow.sent_at.is_(None).desc(), OutboxRow.sent_at.desc(), OutboxRow.id.desc())
    newest = select(OutboxRow.lane, OutboxRow.body).where(*there, out).order_by(*order).limit(1)
    row = (await db.execute(newest)).first()
    if row is None or row.lane == REPLY:
        return None
    body: dict[str, Any] = row.body if isinstance(row.body, dict) else from_json(row.body)
    return body


async def notices_since(db: Db, channel: str, since: datetime) -> tuple[int, datetime | None]:
    """How many notices went out on a channel since then, and when the first of all did."""
    sent = (OutboxRow.channel == channel, OutboxRow.lane == NOTICE, OutboxRow.sent_at.is_not(None))
    lately = await db.scalar(select(func.count()).where(*sent, OutboxRow.sent_at >= since))
    return int(lately or 0), await db.scalar(select(func.min(OutboxRow.sent_at)).where(*sent))


async def forget_old(db: Db, before: datetime) -> None:
    """Remove finished letters older than this."""
    done: Iterable[str] = ("sent", "delivered", "read", "failed", "skipped", "unknown")
    await db.execute(delete(OutboxRow).where(OutboxRow.state.in_(done), OutboxRow.created_at < before))


async def replace_held(db: Db, person: int) -> None:
    """Drop an answer that was held back for what came since: the next one says it all."""
    held = OutboxRow.purpose.like(pattern(Purpose.HELD_BACK, person))
    await db.execute(delete(OutboxRow).where(OutboxRow.person_id == person, OutboxRow.state == "queued", held))


async def _forget_mentions(db: Db, person: int, now: datetime) -> list[str]:
    """What others were told of them is deleted, with the documents that went with it."""
    told = select(MentionRow.outbox_id).where(MentionRow.person_id == person)
    bodies = await db.scalars(select(OutboxRow.body).where(OutboxRow.id.in_(told)))
    enclosed = [body["file"][0] for body in bodies if isinstance(body, dict) and "file" in body]
    await db.execute(delete(FileRow).where(FileRow.id.in_(enclosed)))
    await db.execute(delete(OutboxRow).where(OutboxRow.id.in_(told)))
    await db.execute(delete(MentionRow).where(MentionRow.person_id == person))
    return enclosed


PERSONAL = (
    Personal(
        OutboxRow.person_id,
        deleted(OutboxRow.person_id),
        {"we_wrote": select(OutboxRow.created_at, OutboxRow.state, OutboxRow.body).order_by(OutboxRow.id)},
    ),
    Personal(MentionRow.person_id, _forget_mentions, yields=one_for_each(MentionRow.person_id, MentionRow.outbox_id)),
)
