"""Messages that wait because their channel would not let them through now."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic_core import from_json
from sqlalchemy import select, update

from storage.database import Db
from storage.messages import OutboxMessage, post_once
from storage.outbox import NOTICE, too_late, wake
from storage.purposes import Purpose, pattern, purpose
from storage.tables import AddressRow, OutboxRow

HELD = "waits until they write"  # the reason of a message that only a new message of theirs lets through
MOST_HELD = timedelta(days=30)  # so long it waits; then it is tried all the same


async def hold(
    db: Db,
    message: OutboxMessage,
    parts: int,
    since: datetime | None,
    announce: dict[str, object] | None,
    key: str,
    now: datetime,
) -> None:
    """Keep a message until they write, and queue what tells them that it waits, once for each key. If they have written
    `since` the channel looked, it is due at once."""
    there = (AddressRow.channel == message.channel, AddressRow.address == message.address)
    heard = await db.scalar(
        select(AddressRow.heard_at).where(*there).with_for_update()
    )  # nobody says meanwhile that they wrote
    wrote = heard is not None and (since is None or heard > since)
    kept = update(OutboxRow).where(OutboxRow.id == message.id, OutboxRow.state == "sending")
    due = now if wrote else now + MOST_HELD
    await db.execute(kept.values(state="queued", reason="" if wrote else HELD, owner=0, parts=parts, not_before=due))
    if announce is not None and not wrote:
        told = purpose(Purpose.SOMETHING_WAITS, key)
        await post_once(
            db,
            OutboxMessage(message.person, message.channel, message.address, announce, NOTICE, "queued", purpose=told),
            now,
        )
    await wake(db)


async def release(db: Db, channel: str, address: str, now: datetime) -> int:
    """They wrote: what was held for them is due now, unless it is of no more use, and need not be announced any more. How
    many messages are due."""
    queued = (OutboxRow.channel == channel, OutboxRow.address == address, OutboxRow.state == "queued")
    announced = update(OutboxRow).where(*queued, OutboxRow.purpose.like(pattern(Purpose.SOMETHING_WAITS)))
    await db.execute(announced.values(state="skipped", reason="they wrote"))
    held = (await db.execute(select(OutboxRow.id, OutboxRow.body).where(*queued, OutboxRow.reason == HELD))).all()
    late = [id for id, body in held if too_late(body if isinstance(body, dict) else from_json(body), now)]
    due = [id for id, _body in held if id not in late]
    await db.execute(update(OutboxRow).where(OutboxRow.id.in_(late)).values(state="skipped", reason="too late"))
    await db.execute(update(OutboxRow).where(OutboxRow.id.in_(due)).values(reason="", not_before=now))
    return len(due)
