"""What a founder and the team do in an exchange, whichever way in it is asked from."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from handlers.actor import Actor
from handlers.exchanges import actions
from handlers.exchanges.actions import Ended, Taken
from handlers.rights import Refused
from storage import exchanges, people, purposes
from storage.database import Db
from storage.event_log import Event
from storage.purposes import Purpose
from storage.tables import EventRow, OutboxRow, PersonRow, TalkRow
from tests.chat import START, Chat, plain


async def member(chat: Chat, db: Db, name: str, *roles: str) -> Actor:
    """Somebody who reads French, with these roles besides a founder's."""
    id = await people.add(db, "paper", name, START)
    await db.execute(update(PersonRow).where(PersonRow.id == id).values(language="fr", name=name.capitalize()))
    for role in roles:
        await people.grant(db, id, role, START)
    return Actor(id, frozenset(("founder", *roles)), chat.core.languages, START, "office", name.capitalize())


async def told(db: Db, who: Actor) -> list[str]:
    bodies = await db.scalars(select(OutboxRow.body).where(OutboxRow.person_id == who.person).order_by(OutboxRow.id))
    return [plain(body["text"]) for body in bodies]


async def test_a_founders_words_reach_the_whole_team_until_one_of_them_takes_the_exchange(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        amina = await member(chat, db, "amina")
        karim, nadia = await member(chat, db, "karim", "staff"), await member(chat, db, "nadia", "admin")
        first = await actions.write(db, amina, "Bonjour ?")
        assert (first.first, first.reached) == (True, 2)
        await actions.take(db, karim, first.exchange)
        assert "Karim" in (await told(db, nadia))[-1]
        later = Actor(amina.person, amina.roles, amina.languages, START.replace(minute=5), name=amina.name)
        second = await actions.write(db, later, "Vous êtes là ?")
        assert (second.exchange, second.first, second.reached) == (first.exchange, False, 1)
        assert "Vous êtes là ?" in (await told(db, karim))[-1]
        assert "Vous êtes là ?" not in str(await told(db, nadia))


async def test_an_exchange_that_a_colleague_has_taken_says_who_and_one_that_is_over_says_so(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        amina = await member(chat, db, "amina")
        karim, nadia = await member(chat, db, "karim", "staff"), await member(chat, db, "nadia", "staff")
        id = (await actions.write(db, amina, "Bonjour ?")).exchange
        await actions.take(db, karim, id)
        await actions.take(db, karim, id)
        with pytest.raises(Taken) as taken:
            await actions.take(db, nadia, id)
        assert taken.value.colleague == "Karim"
        await actions.end(db, nadia, id)
        for deed in (actions.take(db, karim, id), actions.end(db, karim, id), actions.answer(db, karim, id, "Oui.")):
            with pytest.raises(Ended):
                await deed
        with pytest.raises(Ended):
            await actions.take(db, karim, 4711)


async def test_an_answer_reaches_the_founder_and_what_they_write_next_answers_the_team(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        amina, karim = await member(chat, db, "amina"), await member(chat, db, "karim", "staff")
        id = (await actions.write(db, amina, "Bonjour ?")).exchange
        assert await actions.answer(db, karim, id, "Oui, mardi.")
        assert "Oui, mardi." in (await told(db, amina))[-1]
        front = await db.scalar(select(PersonRow.front).where(PersonRow.id == amina.person))
        names = await db.scalars(select(TalkRow.name).where(TalkRow.person_id == amina.person, TalkRow.number == front))
        assert list(names) == ["human"]
        row = await exchanges.one(db, id)
        assert row is not None
        assert (row.answered_by, row.taken_by) == (karim.person, karim.person)
        await actions.end(db, karim, id)
        assert await db.scalar(select(PersonRow.front).where(PersonRow.id == amina.person)) == 0


async def test_a_founder_ends_their_own_exchange_once_and_nobody_elses(chat: Chat) -> None:
    async with chat.core.database.transaction() as db:
        amina, brahim = await member(chat, db, "amina"), await member(chat, db, "brahim")
        karim = await member(chat, db, "karim", "staff")
        id = (await actions.write(db, amina, "Bonjour ?")).exchange
        with pytest.raises(Ended):
            await actions.leave(db, brahim)
        assert await exchanges.open_of(db, amina.person) == id
        await actions.leave(db, amina)
        assert await exchanges.open_of(db, amina.person) == 0
        assert len(await told(db, karim)) == 2
        with pytest.raises(Ended):
            await actions.leave(db, amina)
        logged = await db.execute(select(EventRow.action, EventRow.actor_id).order_by(EventRow.id))
        assert [tuple(row) for row in logged if "exchange" in row[0]] == [
            (Event.EXCHANGE_BEGUN, amina.person),
            (Event.EXCHANGE_ENDED, amina.person),
        ]


@pytest.mark.parametrize("role", ["founder", "coach", "reviewer"])
async def test_only_the_team_takes_answers_or_ends_an_exchange(chat: Chat, role: str) -> None:
    async with chat.core.database.transaction() as db:
        amina, other = await member(chat, db, "amina"), await member(chat, db, "omar", role)
        id = (await actions.write(db, amina, "Bonjour ?")).exchange
        for deed in (actions.take(db, other, id), actions.answer(db, other, id, "Non."), actions.end(db, other, id)):
            with pytest.raises(Refused):
                await deed
        row = await exchanges.one(db, id)
        assert row is not None
        assert (row.taken_by, row.answered_at, row.closed_at) == (None, None, None)


def test_purposes_are_the_words_that_databases_in_use_hold() -> None:
    held = {
        "handoff:17:1764000000000000:3": (Purpose.FOUNDER_WROTE, 17),
        "answer:17:1764000000000000": (Purpose.TEAM_ANSWERED, 17),
        "broadcast:7:12": (Purpose.ANNOUNCEMENT, 7),
        "session:5:coach:1764000000": (Purpose.SESSION, 5),
        "reminder:9:1764000000": (Purpose.REMINDER, 9),
        "held:3:a1b2c3d4e5f6": (Purpose.HELD_BACK, 3),
        "announce:5f2a:1764000000": (Purpose.SOMETHING_WAITS, 0),
    }
    for kept, meant in held.items():
        assert purposes.read(kept) == meant
        kind, subject, *more = kept.split(":")
        assert purposes.purpose(Purpose(kind), subject, *more) == kept
        assert kept.startswith(purposes.pattern(meant[0]).removesuffix("%"))
    assert purposes.read("taken:17:3")[0] is None
    assert purposes.read(None) == (None, 0)
