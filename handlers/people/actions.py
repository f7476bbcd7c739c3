"""What a person does with their own data, apps and reminders."""

from __future__ import annotations

from handlers.actor import Actor
from handlers.notices.reminders import Kinds
from handlers.notices.tell import tell
from handlers.people.words import left
from handlers.programme.model import Programme
from handlers.rights import Act, require
from storage import link_codes, merging, people, privacy, reminders, sessions
from storage.database import Db, dumps
from storage.merging import Obstacle


class UnknownCode(Exception):
    """The code has been used, is too old, or never was one."""


class OwnCode(Exception):
    """Whoever uses the code is who made it."""


class Apart(Exception):
    """Two people cannot be made one."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle


async def export(db: Db, actor: Actor) -> bytes:
    """Everything kept about the actor, as JSON."""
    require(actor, Act.KEEP_OWN_DATA)
    return dumps(await privacy.everything(db, actor.person)).encode()


async def erase(db: Db, actor: Actor, programme: Programme) -> list[str]:
    """Forget the actor, once the coaches of their sessions to come know; the files to be removed from disk."""
    require(actor, Act.KEEP_OWN_DATA)
    for session in await sessions.of_founder(db, actor.person, actor.now):
        if session.coach_id is not None:
            notice = left(session.starts_at.astimezone(programme.zone))
            await tell(db, actor, session.coach_id, *notice, purpose=f"left:{session.id}")
    return await privacy.erase(db, actor.person, actor.now)


async def offer_code(db: Db, actor: Actor) -> str:
    """A code that shows, once and within `link_codes.MINUTES`, that another app is the actor's as well."""
    require(actor, Act.KEEP_OWN_DATA)
    return await link_codes.offer(db, actor.person, actor.now)


async def use_code(db: Db, actor: Actor, code: str) -> int:
    """Use up the code of another app; whom the turn makes one with the actor. UnknownCode, OwnCode or Apart if it cannot be;
    Conflict if somebody else uses it at this moment."""
    require(actor, Act.KEEP_OWN_DATA)
    giver = await link_codes.giver(db, code, actor.now)
    if giver is None:
        raise UnknownCode
    if giver.person == actor.person:
        raise OwnCode
    if obstacle := await merging.between(db, actor.person, giver.person):
        raise Apart(obstacle)
    await link_codes.use(db, code)
    return giver.person


async def choose_channel(db: Db, actor: Actor, channel: str | None) -> None:
    """What nobody asked for comes to this channel first; None: to the one used last."""
    require(actor, Act.KEEP_OWN_DATA)
    await people.choose(db, actor.person, channel)


async def mute_reminder(db: Db, actor: Actor, kinds: Kinds, kind: str, subject: int) -> bool:
    """No more reminders of this kind about this; False if the kind is not one of those that may be muted."""
    require(actor, Act.KEEP_OWN_DATA)
    if kind not in kinds or not kinds[kind].may_be_muted:
        return False
    await reminders.mute(db, actor.person, kind, subject)
    return True
