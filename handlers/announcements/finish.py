"""The end of an announcement: everybody has it, or will not get it."""

from __future__ import annotations

from handlers.actor import Actor
from handlers.announcements import commands, words
from handlers.notices.tell import tell
from handlers.talk.words import _, lines
from storage import announcements
from storage.database import Db


async def finish(db: Db, by: Actor, id: int) -> bool:
    """End an announcement that has no recipient left, and tell its author what became of it; whether this call ended it."""
    if not await announcements.finish(db, id, by.now):
        return False
    announcement = await announcements.one(db, id)
    if announcement is not None and announcement.author_id is not None:
        told = lines([_("Your announcement no. {n} is done.", n=id), words.report(await announcements.report(db, id))])
        way, purpose = (_("Open it"), commands.announcement(id)), f"done:{id}:{int(by.now.timestamp())}"
        await tell(db, by, announcement.author_id, told, [way], purpose=purpose)
    return True
