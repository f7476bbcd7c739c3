"""What is done with announcements: written, approved, paused, stopped, sent again; and left by whoever wants none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from handlers.actor import Actor
from handlers.announcements import notices, words
from handlers.channels import BRIDGED
from handlers.notices.quiet_hours import outside_quiet_hours
from handlers.notices.tell import tell, tell_team
from handlers.programme.model import Programme
from handlers.rights import Act, require
from storage import announcements, audiences
from storage.announcements import Announcement
from storage.audiences import Audience
from storage.database import Db


class NobodyToReach(Exception):
    """Nobody would get this announcement."""


class TooLate(Exception):
    """The announcement is no longer where this can be done with it; or its own author wants to approve it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An announcement as its author wants it."""

    topic: str
    bodies: Mapping[str, Mapping[str, object]]  # by language, as words.bodies makes them
    audience: Audience
    at: datetime  # UTC


@dataclass(frozen=True, slots=True)
class Written:
    """An announcement that was written."""

    id: int
    send_at: datetime
    needs_approval: bool
    asked: int  # colleagues who can be reached to approve it


async def write(db: Db, actor: Actor, programme: Programme, draft: Draft) -> Written:
    """Schedule an announcement outside the quiet hours, or ask the team where one person alone may not decide. LookupError
    if the programme has no such topic."""
    require(actor, Act.ANNOUNCE)
    rules = programme.announcements
    if rules is None or draft.topic not in rules.topics:
        raise LookupError(draft.topic)
    counts = await audiences.counted(db, draft.audience, draft.topic, list(draft.bodies), actor.now, bridged=BRIDGED)
    people = words.reached(counts)
    if not people:
        raise NobodyToReach
    send_at = outside_quiet_hours(rules, programme.zone, max(draft.at, actor.now))
    needs_approval = people > rules.approve_above
    state = "asked" if needs_approval else "scheduled"
    id = await announcements.add(
        db, actor.person, draft.topic, draft.bodies, draft.audience, people, send_at, state, actor.now
    )
    return Written(id, send_at, needs_approval, await _ask_team(db, actor, id, people) if needs_approval else 0)


async def _ask_team(db: Db, actor: Actor, id: int, people: int) -> int:
    """Ask the others to approve an announcement; how many of them can be reached."""
    return await tell_team(
        db, actor, *notices.to_approve(id, people, actor.first_name), purpose=f"approve:{id}", but={actor.person}
    )


async def approve(db: Db, actor: Actor, id: int) -> Announcement:
    """A second person agrees; it goes out when its time has come."""
    require(actor, Act.ANNOUNCE)
    if not await announcements.approve(db, id, actor.person, actor.now):
        raise TooLate
    return await _told(db, actor, id, "approve")


async def refuse(db: Db, actor: Actor, id: int) -> Announcement:
    require(actor, Act.ANNOUNCE)
    return await _moved(db, actor, id, "refuse", ["asked"], "refused")


async def pause(db: Db, actor: Actor, id: int) -> Announcement:
    require(actor, Act.ANNOUNCE)
    return await _moved(db, actor, id, "pause", ["sending"], "paused")


async def resume(db: Db, actor: Actor, id: int) -> Announcement:
    require(actor, Act.ANNOUNCE)
    return await _moved(db, actor, id, "resume", ["paused"], "sending")


async def stop(db: Db, actor: Actor, id: int) -> Announcement:
    """Whoever has not got it will not; there is no way back."""
    require(actor, Act.ANNOUNCE)
    return await _moved(db, actor, id, "stop", ["asked", "scheduled", "sending", "paused"], "stopped")


async def again(db: Db, actor: Actor, id: int) -> int:
    """Send a finished announcement once more to those of whom nobody knows whether they got it; to how many."""
    require(actor, Act.ANNOUNCE)
    announcement = await announcements.one(db, id)
    if announcement is None:
        raise LookupError(id)
    people = await announcements.again(db, id, announcement.topic, actor.person, actor.now)
    if not people:
        raise TooLate
    return people


async def _moved(db: Db, actor: Actor, id: int, deed: str, before: Collection[str], after: str) -> Announcement:
    """Two people may press at once, and one is first: TooLate for the other."""
    if not await announcements.move(db, id, actor.person, before, after, actor.now):
        raise TooLate
    return await _told(db, actor, id, deed)


async def _told(db: Db, actor: Actor, id: int, deed: str) -> Announcement:
    """Its author learns what a colleague has done with an announcement; the announcement as it is now."""
    announcement = await announcements.one(db, id)
    if announcement is None:
        raise LookupError(id)
    if announcement.author_id is not None and announcement.author_id != actor.person:
        purpose = f"announcement:{id}:{deed}:{int(actor.now.timestamp())}"
        await tell(db, actor, announcement.author_id, *notices.moved(id, announcement.state), purpose=purpose)
    return announcement


async def unsubscribe(db: Db, actor: Actor, topics: Collection[str] | None = None) -> None:
    """What is on its way to somebody who wants no announcements any more, or none of these topics, is not sent. Their
    consent is kept by the turn, with its proof."""
    require(actor, Act.KEEP_OWN_DATA)
    await announcements.skip(db, actor.person, topics)
