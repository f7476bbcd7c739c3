"""Who is on the team: invitations, joining by one, a role taken away."""

from __future__ import annotations

from handlers.actor import Actor
from handlers.notices.tell import tell
from handlers.rights import Act, Refused, may_invite, require
from handlers.team import notices
from storage import Conflict, invites, people
from storage.database import Db


class InvitationOver(Exception):
    """The invitation has been used, or is too old, or never was one."""


class OnlyAdministrator(Exception):
    """Without them nobody could give or take a role any more."""


async def invite(db: Db, actor: Actor, role: str) -> str:
    """A one-time code that gives a role, for `invites.DAYS`; nobody gives a role they may not give."""
    require(actor, Act.INVITE)
    if role not in may_invite(actor.roles):
        raise Refused(Act.INVITE)
    return await invites.invite(db, actor.person, role, actor.now)


async def join(db: Db, actor: Actor, code: str) -> str:
    """The role that an invitation gave; whoever sent it is told."""
    require(actor, Act.JOIN_TEAM)
    joined = await invites.join(db, actor.person, code, actor.now)
    if joined is None:
        raise InvitationOver
    notice = notices.joined(actor.name, joined.role)
    purpose = f"joined:{actor.person}:{joined.role}:{int(actor.now.timestamp())}"
    await tell(db, actor, joined.invited_by, *notice, purpose=purpose, about=actor.person)
    return joined.role


async def revoke(db: Db, actor: Actor, person: int, role: str) -> None:
    """Take a role of the team away. Conflict if they have it no longer."""
    require(actor, Act.REVOKE_ROLE)
    holders = [id for id, _name, roles in await people.team(db) if role in roles]
    if person not in holders:
        raise Conflict
    if role == "admin" and len(holders) == 1:
        raise OnlyAdministrator
    await people.revoke(db, person, role, actor.now, actor=actor.person)
