"""What was said on one address, both sides, for the page that shows the talk again after a reload."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from storage import outbox
from storage.database import Db
from storage.personal import Personal, blank
from storage.tables import AddressRow, InboxRow


async def lately(db: Db, channel: str, address: str, limit: int = 100) -> list[tuple[datetime, int, dict[str, Any]]]:
    """The newest messages of both sides, oldest first: (time, id of ours or 0, body); a person's own body is {"said", "key"},
    the key being what the platform calls the message."""
    person = (
        select(AddressRow.person_id)
        .where(AddressRow.channel == channel, AddressRow.address == address)
        .scalar_subquery()
    )
    theirs = (
        select(InboxRow.at, InboxRow.said, InboxRow.message_id)
        .where(InboxRow.person_id == person, InboxRow.channel == channel, InboxRow.said != "")
        .order_by(InboxRow.at.desc())
        .limit(limit)
    )
    said: list[tuple[datetime, int, dict[str, Any]]] = [
        (at, 0, {"said": words, "key": key}) for at, words, key in await db.execute(theirs)
    ]
    said += [(at, id, body) for id, body, at in await outbox.since(db, channel, address, 0, limit)]
    return sorted(said, key=lambda row: (row[0], row[1]))[-limit:]


async def forget(db: Db, channel: str, message: str) -> None:
    """Keep no words of a message that a person sent, only that it was handled."""
    await db.execute(
        update(InboxRow).where(InboxRow.channel == channel, InboxRow.message_id == message).values(said="")
    )


PERSONAL = (
    Personal(
        InboxRow.person_id,
        blank(InboxRow.person_id, said=""),
        {"you_wrote": select(InboxRow.at, InboxRow.said).order_by(InboxRow.at)},
    ),
)
