"""Who invites, joins and takes a role away, whichever way in it is asked from."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from handlers.actor import Actor
from handlers.rights import Refused
from handlers.team import actions
from handlers.team.actions import InvitationOver, OnlyAdministrator
from storage import Conflict, people
from storage.database import Db
from storage.tables import InviteRow, OutboxRow
from tests.chat import START, Chat, plain


async def member(chat: Chat, db: Db, name: str, *roles: str) -> Actor:
    id = await people.add(db, "paper", name, START)
    for role in roles:
        await people.grant(db, id, role, START)
    return Actor(id, frozenset(("founder", *roles)), chat.core.languages, START, "office", name.capitalize())


async def test_an_invitation_gives_its_role_once_and_whoever_sent_it_is_told(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        karim, nadia, omar = (
            await member(chat, db, "karim", "staff"),
            await member(chat, db, "nadia"),
            await member(chat, db, "omar"),
        )
        code = await actions.invite(db, karim, "reviewer")
        assert await actions.join(db, nadia, code) == "reviewer"
        assert (nadia.person, "", ["founder", "reviewer"]) in await people.team(db)
        (told,) = await db.scalars(select(OutboxRow.body).where(OutboxRow.person_id == karim.person))
        assert "Nadia" in plain(told["text"])
        for worthless in (code, "", "no-such-code"):
            with pytest.raises(InvitationOver):
                await actions.join(db, omar, worthless)


@pytest.mark.parametrize(
    ("own", "role"),
    [("founder", "coach"), ("coach", "coach"), ("reviewer", "reviewer"), ("staff", "staff"), ("staff", "admin")],
)
async def test_nobody_invites_beyond_their_role(chat: Chat, own: str, role: str) -> None:
    async with chat.core.database.transaction() as db:
        with pytest.raises(Refused):
            await actions.invite(db, await member(chat, db, "karim", own), role)
        assert not await db.scalar(select(func.count()).select_from(InviteRow))


async def test_an_administrator_takes_roles_away_but_not_that_of_the_last_one(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        karim, nadia = await member(chat, db, "karim", "admin"), await member(chat, db, "nadia", "admin", "coach")
        await actions.revoke(db, karim, nadia.person, "coach")
        with pytest.raises(Conflict):
            await actions.revoke(db, karim, nadia.person, "coach")
        await actions.revoke(db, karim, nadia.person, "admin")
        with pytest.raises(OnlyAdministrator):
            await actions.revoke(db, karim, karim.person, "admin")
        assert await people.team(db) == [(karim.person, "", ["founder", "admin"])]


@pytest.mark.parametrize("role", ["founder", "coach", "reviewer", "staff"])
async def test_nobody_else_takes_a_role_away(chat: Chat, role: str) -> None:
    async with chat.core.database.transaction() as db:
        other, nadia = await member(chat, db, "other", role), await member(chat, db, "nadia", "coach")
        with pytest.raises(Refused):
            await actions.revoke(db, other, nadia.person, "coach")
        assert (nadia.person, "", ["founder", "coach"]) in await people.team(db)
