"""What may be done with announcements, by whom, and what it does, whichever way in it is asked from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from handlers.actor import Actor
from handlers.announcements import actions
from handlers.announcements.actions import Draft, NobodyToReach, TooLate
from handlers.rights import Refused
from storage import announcements, audiences
from storage.announcements import Announcement
from storage.audiences import Audience
from storage.database import Db
from storage.tables import AddressRow, OutboxRow, PersonRow
from tests.chat import START, Chat, plain

BODIES: dict[str, dict[str, object]] = {"fr": {"text": "📣 Portes ouvertes", "language": "fr"}}
DRAFT = Draft("events", BODIES, Audience(), START)
Deed = Callable[[Db, Actor, int], Awaitable[Any]]


async def person(db: Db, name: str, *roles: str, news: bool = False) -> int:
    row = {"created_at": START, "seen_at": START, "language": "fr", "name": name, "profile": {}}
    agreed = ["data", "news"] if news else ["data"]
    made = insert(PersonRow).values(**row, roles=" ".join(("founder", *roles)), agreed=agreed).returning(PersonRow.id)
    id = int((await db.execute(made)).scalar_one())
    await db.execute(insert(AddressRow).values(person_id=id, channel="paper", address=name, used_at=START, gone=""))
    return id


def actor(chat: Chat, id: int, *roles: str) -> Actor:
    return Actor(id, frozenset(("founder", *roles)), chat.core.languages, START, "office", "Karim Alaoui")


async def told(db: Db, person: int) -> list[str]:
    """What waits in the outbox for somebody, by its words."""
    bodies = await db.scalars(select(OutboxRow.body).where(OutboxRow.person_id == person, OutboxRow.lane == 1))
    return [plain(body["text"]) for body in bodies]


async def written(chat: Chat, db: Db, state: str = "scheduled", author: int = 0) -> int:
    return await announcements.add(db, author, "events", BODIES, Audience(), 1, START, state, START)


async def state(db: Db, id: int) -> str:
    row = await announcements.one(db, id)
    assert isinstance(row, Announcement)
    return row.state


async def reasons(db: Db) -> dict[int | None, str]:
    """Why a recipient gets nothing, by announcement."""
    rows = await db.execute(select(OutboxRow.broadcast_id, OutboxRow.reason))
    return {id: reason for id, reason in rows}  # noqa: C416 - rows are not pairs to the type checker


async def test_an_announcement_to_few_is_scheduled_and_one_to_many_asks_the_others_of_the_team(chat: Chat) -> None:
    rules = chat.core.programme.announcements
    assert rules is not None
    careful = chat.core.programme.model_copy(update={"announcements": rules.model_copy(update={"approve_above": 1})})
    async with chat.core.database.transaction() as db:
        karim, nadia = await person(db, "karim", "staff"), await person(db, "nadia", "admin")
        await person(db, "amina", news=True)
        one = await actions.write(db, actor(chat, karim, "staff"), careful, DRAFT)
        assert (one.needs_approval, one.asked, await state(db, one.id)) == (False, 0, "scheduled")
        await person(db, "brahim", news=True)
        two = await actions.write(db, actor(chat, karim, "staff"), careful, DRAFT)
        assert (two.needs_approval, two.asked, await state(db, two.id)) == (True, 1, "asked")
        assert "Karim" in (await told(db, nadia))[0]
        assert await told(db, karim) == [], "the author is not asked"


async def test_whoever_writes_at_night_is_read_in_the_morning(chat: Chat) -> None:
    late = START.replace(hour=22)
    async with chat.core.database.transaction() as db:
        karim = await person(db, "karim", "staff", news=True)
        by = replace(actor(chat, karim, "staff"), now=late)
        made = await actions.write(db, by, chat.core.programme, DRAFT)
        assert made.send_at.astimezone(chat.core.programme.zone).hour == 8
        assert made.send_at - late < timedelta(hours=11)


async def test_nothing_is_written_to_nobody_nor_about_a_topic_there_is_not(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        by = actor(chat, await person(db, "karim", "staff"), "staff")
        with pytest.raises(NobodyToReach):
            await actions.write(db, by, chat.core.programme, DRAFT)
        with pytest.raises(LookupError):
            await actions.write(db, by, chat.core.programme, replace(DRAFT, topic="gossip"))
        assert await announcements.latest(db) == []


@pytest.mark.parametrize(
    ("deed", "before", "after"),
    [
        (actions.approve, "asked", "scheduled"),
        (actions.refuse, "asked", "refused"),
        (actions.pause, "sending", "paused"),
        (actions.resume, "paused", "sending"),
        (actions.stop, "sending", "stopped"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_a_deed_is_done_once_and_the_author_learns_of_a_colleagues(
    chat: Chat, deed: Deed, before: str, after: str
) -> None:
    async with chat.core.database.transaction() as db:
        author, nadia = await person(db, "karim", "staff"), await person(db, "nadia", "staff")
        id = await written(chat, db, before, author)
        done = await deed(db, actor(chat, nadia, "staff"), id)
        assert (done.id, done.state) == (id, after)
        assert f"Votre annonce n° {id} :" in (await told(db, author))[0]
        with pytest.raises(TooLate):
            await deed(db, actor(chat, nadia, "staff"), id)
        assert len(await told(db, author)) == 1


async def test_nobody_approves_their_own(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        author = await person(db, "karim", "admin")
        id = await written(chat, db, "asked", author)
        with pytest.raises(TooLate):
            await actions.approve(db, actor(chat, author, "admin"), id)
        assert await state(db, id) == "asked"


async def test_what_is_in_doubt_goes_out_once_more_and_only_once_it_is_finished(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        by = actor(chat, await person(db, "karim", "staff"), "staff")
        await person(db, "amina", news=True)
        id = await written(chat, db)
        await announcements.plan(db, id, START, bridged=())
        with pytest.raises(TooLate):
            await actions.again(db, by, id)
        await db.execute(update(OutboxRow).values(state="unknown"))
        await announcements.move(db, id, None, ["sending"], "done", START)
        assert await actions.again(db, by, id) == 1
        assert await state(db, id) == "sending"


async def test_whoever_unsubscribes_from_a_topic_still_gets_the_others(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        amina = await person(db, "amina", news=True)
        ids = [
            await announcements.add(db, 0, topic, BODIES, Audience(), 1, START, "scheduled", START) for topic in "ab"
        ]
        for id in ids:
            await announcements.plan(db, id, START, bridged=())
        await actions.unsubscribe(db, actor(chat, amina), {"a"})
        assert await reasons(db) == {ids[0]: audiences.NO_TOPIC, ids[1]: ""}
        await actions.unsubscribe(db, actor(chat, amina))
        assert await reasons(db) == {ids[0]: audiences.NO_TOPIC, ids[1]: audiences.NO_CONSENT}


DEEDS = (actions.approve, actions.refuse, actions.pause, actions.resume, actions.stop, actions.again)


@pytest.mark.parametrize("roles", [(), ("coach",), ("reviewer",)], ids=lambda roles: "-".join(roles) or "founder")
async def test_nobody_outside_the_team_does_anything_with_an_announcement(chat: Chat, roles: tuple[str, ...]) -> None:
    async with chat.core.database.transaction() as db:
        by = actor(chat, await person(db, "amina", *roles, news=True), *roles)
        id = await written(chat, db, "sending")
        for deed in DEEDS:
            with pytest.raises(Refused):
                await deed(db, by, id)
        with pytest.raises(Refused):
            await actions.write(db, by, chat.core.programme, DRAFT)
        assert [(row.id, row.state) for row in await announcements.latest(db)] == [(id, "sending")]
