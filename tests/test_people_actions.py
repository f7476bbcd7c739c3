"""What a person does with their own data, apps and reminders: each deed alone, without any conversation."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from handlers.actor import Actor
from handlers.contents import KINDS
from handlers.people import actions
from handlers.rights import Refused
from storage import link_codes, people, reminders
from storage.reminders import Reminder
from storage.tables import AddressRow
from tests import coaching
from tests.chat import START, Chat
from tests.coaching import THURSDAY, booked, told


def actor(chat: Chat, person: int, *roles: str) -> Actor:
    return Actor(person, frozenset(roles or ("founder",)), chat.core.languages, chat.clock.now(), "office")


async def founder(chat: Chat, name: str = "amina") -> Actor:
    async with chat.core.database.transaction() as db:
        return actor(chat, await people.add(db, "paper", name, START))


async def test_a_copy_holds_what_we_keep_and_nothing_of_anybody_else(chat: Chat) -> None:
    amina, _other = await founder(chat), await founder(chat, "brahim")
    async with chat.core.database.transaction() as db:
        copy = json.loads(await actions.export(db, amina))
    assert list(copy) == [
        "person", "addresses", "consents", "unfinished", "applications", "asked_to_change", "files", "sessions",
        "waiting_for", "reminders", "you_wrote", "we_wrote",
    ]  # fmt: skip
    assert [address["address"] for address in copy["addresses"]] == ["amina"]
    assert copy["person"]["roles"] == "founder"


async def test_an_erasure_tells_the_coaches_of_sessions_to_come_and_leaves_nobody(chat: Chat) -> None:
    amina = await founder(chat)
    async with chat.core.database.transaction() as db:
        salma = await coaching.coach(db, "salma", START)
        await booked(db, chat.core.programme, amina.person, salma, THURSDAY, START)
        await actions.erase(db, amina, chat.core.programme)
        assert await people.at(db, "paper", "amina") is None
    assert [(person, "annulée" in text) for person, text in await told(chat.core.database)] == [(salma, True)]


async def test_a_code_shows_once_that_two_apps_are_one_persons_and_never_ones_own(chat: Chat) -> None:
    amina, phone = await founder(chat), await founder(chat, "phone")
    async with chat.core.database.transaction() as db:
        code = await actions.offer_code(db, amina)
        with pytest.raises(actions.OwnCode):
            await actions.use_code(db, amina, code)
        assert await actions.use_code(db, phone, code) == amina.person
        with pytest.raises(actions.UnknownCode):
            await actions.use_code(db, phone, code)


async def test_two_coaches_are_not_made_one_and_their_code_stays_good(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        salma, omar = [actor(chat, await coaching.coach(db, name, START)) for name in ("salma", "omar")]
        code = await actions.offer_code(db, salma)
        with pytest.raises(actions.Apart) as apart:
            await actions.use_code(db, omar, code)
        assert apart.value.obstacle == "coaches"
        assert await link_codes.giver(db, code, START) is not None


async def test_what_nobody_asked_for_comes_to_the_channel_that_was_chosen(chat: Chat) -> None:
    amina = await founder(chat)
    async with chat.core.database.transaction() as db:
        await db.execute(
            insert(AddressRow).values(
                person_id=amina.person, channel="web", address="page", used_at=START - timedelta(days=1)
            )
        )
        for channel, reached in (("web", ("web", "page")), (None, ("paper", "amina"))):
            await actions.choose_channel(db, amina, channel)
            assert await reminders.reach(db, [amina.person]) == {amina.person: reached}


async def test_only_what_may_be_muted_is_and_only_ones_own(chat: Chat) -> None:
    amina, brahim = await founder(chat), await founder(chat, "brahim")
    async with chat.core.database.transaction() as db:
        await reminders.plan(
            db,
            [
                Reminder(f"{kind}:{who.person}", who.person, kind, 7, THURSDAY)
                for kind in ("draft", "no_news")
                for who in (amina, brahim)
            ],
        )
        assert await actions.mute_reminder(db, amina, KINDS, "draft", 7)
        assert not await actions.mute_reminder(db, amina, KINDS, "no_news", 7)
        assert not await actions.mute_reminder(db, amina, KINDS, "unheard-of", 7)
        assert [row.kind for row in await reminders.waiting(db, amina.person)] == ["no_news"]
        assert len(await reminders.waiting(db, brahim.person)) == 2


async def test_whoever_is_no_person_of_ours_does_none_of_it(chat: Chat) -> None:
    clock = actor(chat, 0, "system")
    async with chat.core.database.transaction() as db:
        for deed in (
            actions.export(db, clock),
            actions.erase(db, clock, chat.core.programme),
            actions.offer_code(db, clock),
            actions.use_code(db, clock, "MK-0000"),
            actions.choose_channel(db, clock, None),
            actions.mute_reminder(db, clock, KINDS, "draft", 7),
        ):
            with pytest.raises(Refused):
                await deed
        assert not list(await db.scalars(select(AddressRow.id)))
