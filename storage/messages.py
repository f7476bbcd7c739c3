"""Messages on their way out, written in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.bulk import Statement
from storage.database import Db, stamp
from storage.purposes import Purpose, read

ABOUT = (Purpose.SESSION, Purpose.REMINDER)  # the kinds of subject by which messages are found again


@dataclass(slots=True)
class OutboxMessage:
    """One message of ours, ready for the outbox."""

    person: int | None
    channel: str
    address: str
    body: dict[str, Any]
    lane: int = 0
    state: str = "sending"
    owner: int = 0
    purpose: str | None = None
    not_before: datetime | None = None
    id: int = 0


_MESSAGE = "person bigint, channel text, address text, lane int, purpose text, kind text, subject bigint, body json, state text, owner bigint, at timestamp, due timestamp"

_INSERT = """INSERT INTO outbox (person_id, channel, address, lane, purpose, subject_kind, subject_id, body, state, reason, owner, attempts, parts, resent,
    platform_id, created_at, not_before)
    SELECT r.person, r.channel, r.address, r.lane, r.purpose, r.kind, r.subject, r.body, r.state, '', r.owner, 0, 0, false, '', r.at, r.due
    FROM @rows WHERE true"""

POST = Statement(_MESSAGE, f"{_INSERT} RETURNING id")
_POST_ONCE = Statement(_MESSAGE, f"{_INSERT} ON CONFLICT (purpose) DO NOTHING RETURNING id")


async def post(db: Db, messages: Sequence[OutboxMessage], now: datetime) -> None:
    """Put messages into the outbox; each learns its id, in their order."""
    message_name(messages, await POST.run(db, message_rows(messages, now)))


async def post_once(db: Db, message: OutboxMessage, now: datetime) -> bool:
    """Put a message into the outbox, which numbers it, unless there is one for the same purpose; whether it was put."""
    posted = await _POST_ONCE.run(db, message_rows([message], now))
    message_name([message] if posted else [], posted)
    return bool(posted)


def message_name(messages: Sequence[OutboxMessage], posted: Sequence[Any]) -> None:
    if messages:
        for message, (id,) in zip(messages, sorted(posted), strict=True):
            message.id = id


def message_rows(messages: Sequence[OutboxMessage], now: datetime) -> list[dict[str, Any]]:
    at = stamp(now)
    subjects = [subject_of(e.purpose) if e.purpose else (None, None) for e in messages]
    return [
        {
            "person": e.person,
            "channel": e.channel,
            "address": e.address,
            "lane": e.lane,
            "purpose": e.purpose,
            "kind": kind,
            "subject": subject,
            "body": e.body,
            "state": e.state,
            "owner": e.owner,
            "at": at,
            "due": stamp(e.not_before) if e.not_before else at,
        }
        for e, (kind, subject) in zip(messages, subjects, strict=True)
    ]


def subject_of(purpose: str) -> tuple[str | None, int | None]:
    """What a message is about, as its purpose says: `session:17:coach:...` -> ("session", 17)."""
    kind, id = read(purpose)
    return (kind.value, id) if kind in ABOUT and id else (None, None)
