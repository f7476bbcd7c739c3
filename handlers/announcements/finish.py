"""The end of an announcement: everybody has it, or will not get it."""

from __future__ import annotations

from handlers.actor import Actor
from handlers.announcements import notices, words
from handlers.notices.tell import tell
from storage import announcements
from storage.database import Db


async def finish(db: Db, by: Actor, id: int) -> bool:
    """End an announcement that has no recipient left, and tell its author what became of it; whether this call ended it."""
    if not await announcements.finish(db, id, by.now):
        return False
    announcement = await announcements.one(db, id)
    if announcement is not None and announcement.author_id is not None:
        notice = notices.done(id, words.report(await announcements.report(db, id)))
        await tell(db, by, announcement.author_id, *notice, purpose=f"done:{id}:{int(by.now.timestamp())}")
    return True
