"""What a channel says of a message that left: sent, delivered, read, failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import case, or_, select, update

from storage.bulk import Statement
from storage.database import Db, stamp
from storage.outbox import ANNOUNCEMENT, elsewhere
from storage.tables import OutboxRow


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a platform says later about a message of ours: by our number for it, or else by the platform's own."""

    state: str  # sent delivered read failed
    platform_id: str
    id: int = 0
    reason: str = ""
    again: datetime | None = None  # of a failure: when it may be tried once more


_RANK = (
    "CASE outbox.state WHEN 'read' THEN 3 WHEN 'delivered' THEN 2 WHEN 'sent' THEN 1 WHEN 'skipped' THEN 9 ELSE 0 END"
)

_ARRIVED = {"sent": 1, "delivered": 2, "read": 3}

_FORWARD = Statement(
    "id bigint, channel text, platform_id text, state text, standing int, at timestamp",
    f"""UPDATE outbox SET state = r.state, reason = '', owner = 0, sent_at = COALESCE(outbox.sent_at, r.at),
    platform_id = CASE WHEN outbox.state IN ('queued', 'sending', 'unknown') THEN r.platform_id ELSE outbox.platform_id END
    FROM @rows WHERE outbox.id = r.id AND @among(outbox.id, r.id) AND outbox.channel = r.channel AND {_RANK} < r.standing""",  # noqa: S608
)


async def forward(db: Db, channel: str, receipts: Sequence[Receipt], now: datetime) -> list[Receipt]:
    """Move messages forward only: sent, delivered, read, in whatever order it is said; what was in doubt is in doubt no more.
    The failures that were not known yet: each is failed now, or queued to be tried once more."""
    unnamed = {receipt.platform_id for receipt in receipts if not receipt.id}
    known = (OutboxRow.channel == channel, OutboxRow.platform_id.in_(unnamed), OutboxRow.platform_id != "")
    query = select(OutboxRow.platform_id, OutboxRow.id).where(*known)
    named = {row.platform_id: row.id for row in await db.execute(query)} if unnamed else {}
    furthest: dict[int, Receipt] = {}
    failed: list[Receipt] = []
    for receipt in receipts:
        id = receipt.id or named.get(receipt.platform_id, 0)
        if not id:
            continue
        if receipt.state == "failed":
            failed.append(replace(receipt, id=id))
        elif id not in furthest or _ARRIVED[receipt.state] > _ARRIVED[furthest[id].state]:
            furthest[id] = receipt
    at = stamp(now)
    rows = [
        {
            "id": id,
            "channel": channel,
            "platform_id": receipt.platform_id,
            "state": receipt.state,
            "standing": _ARRIVED[receipt.state],
            "at": at,
        }
        for id, receipt in sorted(furthest.items())
    ]
    await _FORWARD.run(db, rows)
    return [receipt for receipt in failed if await _fail(db, channel, receipt, now)]


async def _fail(db: Db, channel: str, receipt: Receipt, now: datetime) -> bool:
    """Whether it was not known before; a notice goes elsewhere then. What arrived has arrived, and of several tries only the newest counts: a message that is
    tried again keeps the name of the try that failed."""
    newest = or_(
        OutboxRow.state.in_(("sending", "unknown")) & (OutboxRow.platform_id != receipt.platform_id),
        (OutboxRow.state == "sent") & OutboxRow.platform_id.in_(("", receipt.platform_id)),
    )
    row = (OutboxRow.id == receipt.id, OutboxRow.channel == channel, newest)
    failed = {"reason": receipt.reason[:80], "owner": 0, "platform_id": receipt.platform_id}
    if receipt.again is not None:
        again = update(OutboxRow).where(*row, ~OutboxRow.resent)
        parts = case(
            ((OutboxRow.state == "sent") & (OutboxRow.parts > 0), OutboxRow.parts - 1), else_=OutboxRow.parts
        )  # only the last
        if (
            await db.execute(again.values(**failed, state="queued", parts=parts, resent=True, not_before=receipt.again))
        ).rowcount:
            return True
    if not (await db.execute(update(OutboxRow).where(*row).values(**failed, state="failed"))).rowcount:
        return False
    await elsewhere(db, receipt.id, receipt.reason, now)
    return True


async def doubt_again(db: Db, channel: str, before: datetime, now: datetime) -> int:
    """Messages in doubt since before this moment, of which the platform would have told if they had arrived: they go once
    more, flagged; announcements do not. How many."""
    doubtful = (OutboxRow.channel == channel, OutboxRow.state == "unknown", OutboxRow.not_before < before)
    again = update(OutboxRow).where(*doubtful, OutboxRow.lane < ANNOUNCEMENT, ~OutboxRow.resent)
    return (await db.execute(again.values(state="queued", reason="", resent=True, owner=0, not_before=now))).rowcount


async def failed_before(db: Db, channel: str, address: str, id: int, reason: str) -> bool:
    """Whether the message before this one to an address failed for a reason that begins so."""
    earlier = (OutboxRow.channel == channel, OutboxRow.address == address, OutboxRow.id < id)
    ended = OutboxRow.state.in_(("sent", "delivered", "read", "failed"))
    query = select(OutboxRow.state, OutboxRow.reason).where(*earlier, ended).order_by(OutboxRow.id.desc()).limit(1)
    found = (await db.execute(query)).first()
    return found is not None and found.state == "failed" and str(found.reason).startswith(reason)
