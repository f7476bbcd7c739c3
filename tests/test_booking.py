"""Races for a slot, decided by the database: on both, with many founders at once and with one impatient one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from storage import Conflict, people, privacy, reminders
from storage import sessions as bookings
from storage.database import Database
from tests import coaching
from tests.chat import START, Chat
from tests.coaching import THURSDAY, at, booked, live


async def rush(chat: Chat, count: int) -> list[Any]:
    """So many founders, each in a transaction of their own, want one slot at one moment."""
    database, programme = chat.core.database, chat.core.programme
    async with database.transaction() as db:
        salma = await coaching.coach(db, "salma", START)
        wanting = await coaching.founders(db, count, START)

    async def try_(founder: int) -> int:
        async with database.transaction() as db:
            return await bookings.book(
                db, founder, salma, "legal", "site", at(programme, THURSDAY), START, goal="", asked=False
            )

    return await asyncio.gather(*(try_(founder) for founder in wanting), return_exceptions=True)


async def test_of_many_founders_at_one_slot_exactly_one_gets_it(chat: Chat) -> None:
    results = await rush(chat, 60)
    assert sum(isinstance(one, int) for one in results) == 1
    assert all(isinstance(one, int | Conflict) for one in results), "the others are refused clearly"
    assert await live(chat.core.database) == 1


async def unguard(database: Database) -> None:
    """Take away what keeps sessions apart."""
    async with database.transaction() as db:
        await db.execute(text("DROP INDEX uq_bookings_coach_id_starts_at"))
        for name in ("bookings_apart_coach_id", "bookings_apart_founder_id"):
            if database.sqlite:
                await db.execute(text(f"DROP TRIGGER {name}_insert"))
                await db.execute(text(f"DROP TRIGGER {name}_update"))
            else:
                await db.execute(text(f"ALTER TABLE bookings DROP CONSTRAINT {name}"))


async def test_without_the_constraints_the_race_would_be_lost(chat: Chat) -> None:
    await unguard(chat.core.database)
    results = await rush(chat, 20)
    assert sum(isinstance(one, int) for one in results) == 20, "so it is they that decide, not the code"


@pytest.mark.parametrize(
    ("minutes", "free"), [(-60, True), (-59, False), (-30, False), (0, False), (45, False), (59, False), (60, True)]
)
async def test_sessions_of_one_coach_stand_apart_by_their_pause(chat: Chat, minutes: int, free: bool) -> None:
    async with chat.core.database.transaction() as db:
        salma = await coaching.coach(db, "salma", START)
        one, other = await coaching.founders(db, 2, START)
        await booked(db, chat.core.programme, one, salma, THURSDAY, START)
        when = at(chat.core.programme, THURSDAY + timedelta(minutes=minutes))
        if free:
            await bookings.book(db, other, salma, "legal", "site", when, START, goal="", asked=False)
        else:
            with pytest.raises(Conflict):
                await bookings.book(db, other, salma, "legal", "site", when, START, goal="", asked=False)


async def test_a_founder_is_never_in_two_places(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        salma, karim = await coaching.coach(db, "salma", START), await coaching.coach(db, "karim", START)
        (founder,) = await coaching.founders(db, 1, START)
        first = await booked(db, chat.core.programme, founder, salma, THURSDAY, START)
        with pytest.raises(Conflict):
            await booked(db, chat.core.programme, founder, karim, THURSDAY + timedelta(minutes=30), START)
        later = await booked(db, chat.core.programme, founder, karim, THURSDAY + timedelta(minutes=45), START)
        with pytest.raises(Conflict):
            await bookings.move(db, later.id, karim, "site", at(chat.core.programme, THURSDAY), START, actor=founder)
        await bookings.end(db, first.id, "cancelled", START, actor=founder)
        await bookings.move(db, later.id, karim, "site", at(chat.core.programme, THURSDAY), START, actor=founder)


async def test_two_sessions_cannot_be_moved_onto_one_another_at_once(chat: Chat) -> None:
    database, programme = chat.core.database, chat.core.programme
    async with database.transaction() as db:
        salma = await coaching.coach(db, "salma", START)
        people_ = await coaching.founders(db, 10, START)
        sessions = [
            await booked(db, programme, one, salma, THURSDAY + timedelta(days=7 * n), START)
            for n, one in enumerate(people_)
        ]

    async def move(session: Any) -> None:
        async with database.transaction() as db:
            await bookings.move(
                db,
                session.id,
                salma,
                "site",
                at(programme, THURSDAY + timedelta(hours=1)),
                START,
                actor=session.founder_id,
            )

    results = await asyncio.gather(*(move(one) for one in sessions), return_exceptions=True)
    assert sum(one is None for one in results) == 1
    assert sum(isinstance(one, Conflict) for one in results) == 9


async def ready(chat: Chat, names: list[str]) -> None:
    """Founders who have chosen the first slot and only have the last question before them."""
    async with chat.core.database.transaction() as db:
        await coaching.coach(db, "salma", START)
    for name in names:
        for words in ("/start", "[Français]", "[J'accepte]", "/book legal", "1"):
            await (chat.press(words[1:-1], name) if words.startswith("[") else chat.say(words, name))


async def test_whoever_comes_second_in_the_chat_hears_it_and_is_shown_what_is_near(chat: Chat) -> None:
    names = [f"f{n}" for n in range(8)]
    await ready(chat, names)
    before = len(chat.paper.sent)
    await asyncio.gather(*(chat.core.turns.take(chat.incoming(name, text="passer")) for name in names))
    await chat.settle()
    heard = {address: part for address, part in chat.paper.sent[before:] if address in names}
    won = [name for name, part in heard.items() if "confirmée" in part["text"] or "agenda" in part["text"]]
    assert len(won) == 1
    assert await live(chat.core.database) == 1
    for name in set(names) - set(won):
        assert heard[name]["text"].startswith("Ce créneau vient d'être réservé. Voici les plus proches :")
        assert len(heard[name]["buttons"]) >= 3


async def test_ten_taps_of_one_founder_are_one_booking(chat: Chat) -> None:
    await ready(chat, ["youssef"])
    skip = next(button["carries"] for button in reversed(chat.buttons["youssef"]) if button["label"] == "Passer")
    await asyncio.gather(
        *(chat.core.turns.take(chat.incoming("youssef", kind="press", press=skip)) for _tap in range(10))
    )
    await chat.settle()
    assert await live(chat.core.database) == 1


async def test_an_erased_founder_leaves_the_slot_free_and_the_count(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        salma = await coaching.coach(db, "salma", START)
        founder, other = await coaching.founders(db, 2, START)
        session = await booked(db, chat.core.programme, founder, salma, THURSDAY, START)
        await privacy.erase(db, founder, START)
        kept = await bookings.get(db, session.id)
        assert (kept.state, kept.founder_id, kept.goal) == ("cancelled", None, "")
        assert not await reminders.waiting(db, founder)
        await booked(db, chat.core.programme, other, salma, THURSDAY, START)


async def test_a_session_takes_five_documents_and_says_kindly_that_more_would_not_be_read(chat: Chat) -> None:
    for words in ("bonjour", "Français", "j'accepte"):
        await chat.say(words, "salma")
    async with chat.core.database.transaction() as db:
        karim = await coaching.coach(db, "karim", START)
        founder = await people.at(db, "paper", "salma") or 0
        session = await booked(db, chat.core.programme, founder, karim, THURSDAY, START)
    await chat.say(f"/bookings document {session.id}", "salma")
    for n in range(5):
        await chat.send(f"page{n}.pdf", "salma")
    async with chat.core.database.reading() as db:
        assert len((await bookings.get(db, session.id)).files) == 5
    (said,) = await chat.say(f"/bookings document {session.id}", "salma")
    assert "a déjà 5 documents" in said["text"].translate({0x2068: None, 0x2069: None})
    sent = [part["file"][1] for address, part in chat.paper.sent if address == "karim"]
    assert sent == [f"page{n}.pdf" for n in range(5)], "each once, in their order"
