"""One message in, one transaction out: handled once, in order, answered after the commit, whatever fails meanwhile."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from sqlalchemy import event, func, select, text

import bot.turn
from bot.channels.base import Outcome, Part
from handlers.contents import Entry, menu_of
from handlers.programme.model import Programme
from handlers.talk.kinds.text import text as words
from handlers.talk.message import File, Incoming
from handlers.talk.question import Question
from handlers.talk.talk import Talk
from handlers.talk.words import Verbatim
from storage import Conflict, Unavailable
from storage.database import Database, Db
from storage.tables import FileRow, InboxRow, OutboxRow, PersonRow
from tests.chat import Chat, Paper
from tests.postgres import Server

ALWAYS = 99
rivals: dict[str, int] = {}  # how often somebody else is still faster, by what is said
APOLOGY = {"ar": "عذرًا", "fr": "Désolé", "en": "Sorry"}


def _anything() -> Question[str]:
    return replace(words(Verbatim("What?"), longest=4000), open="all")


async def parrot(talk: Talk, db: Db, programme: Programme) -> None:
    """Remembers what it heard, and says so; some words are hard to bear."""
    talk.person.language = talk.person.language or "fr"
    said = await talk.ask("said", _anything())
    if said in APOLOGY:
        talk.person.language = said
    if said == "poison":
        raise ZeroDivisionError
    if said.startswith("look"):
        await db.execute(select(func.count()).select_from(PersonRow))
    if said == "cut":
        await db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    if rivals.get(said):
        await db.execute(select(func.count()).select_from(PersonRow))
        rivals[said] -= 1
        raise Conflict
    heard = talk.person.profile.get("heard", [])
    assert isinstance(heard, list)
    talk.person.remember(heard=[*heard, said])
    talk.say(Verbatim(f"heard {said}"))
    talk.stay()


def table(programme: Programme) -> Mapping[str, Entry]:
    return {
        "start": Entry("start", Verbatim("Start"), parrot),
        "menu": Entry("menu", Verbatim("Menu"), menu_of(programme)),
    }


@pytest.fixture
async def chat(database_url: str, tmp_path: Path) -> AsyncIterator[Chat]:
    async with Chat.on(database_url, tmp_path, table=table) as found:
        yield found


@pytest.fixture
async def other(chat: Chat, tmp_path: Path) -> AsyncIterator[Chat]:
    """A second process on the same database."""
    async with Chat.on(chat.settings.database_url, tmp_path, table=table) as found:
        found.clock = chat.clock
        yield found


async def enter(chat: Chat, *people: str) -> None:
    for who in people or ("",):
        await chat.say("/start", who)


async def heard(chat: Chat, who: str = "") -> list[str]:
    """What the bot did with this person's messages, in the order it did it."""
    person = await chat.person(who)
    async with chat.core.database.reading() as db:
        profile = await db.scalar(select(PersonRow.profile).where(PersonRow.id == person))
    return list((profile or {}).get("heard", []))


def told(*chats: Chat, who: str = "founder") -> list[str]:
    """What this person was told, by all processes."""
    return [part["text"] for chat in chats for address, part in chat.paper.sent if address == who]


async def faults(chat: Chat) -> list[str]:
    async with chat.core.database.reading() as db:
        return list(await db.scalars(select(InboxRow.fault).where(InboxRow.fault != "")))


def at_once(chat: Chat, who: str, *said: str) -> list[Incoming]:
    """Messages of one moment: the paper founder takes twenty seconds for each."""
    now = chat.clock.now()
    messages = [replace(chat.incoming(who, text=one), at=now) for one in said]
    chat.clock.time = now
    return messages


async def together(*takes: Awaitable[None]) -> None:
    await asyncio.gather(*takes)


# once -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["one", "look one"], ids=["in a group", "alone with the database"])
async def test_a_message_delivered_thirty_times_at_once_is_handled_and_answered_once(chat: Chat, said: str) -> None:
    await enter(chat)
    message = chat.incoming(text=said)
    await together(*(chat.core.turns.take(message) for _ in range(30)))
    await chat.core.turns.take(message)
    await chat.settle()
    assert await heard(chat) == [said]
    assert told(chat).count(f"heard {said}") == 1
    assert len(told(chat)) == 2, "and nobody was told to slow down"


@pytest.mark.parametrize("said", ["one", "look one"], ids=["in a group", "alone with the database"])
async def test_a_message_delivered_to_two_processes_at_once_is_handled_once(chat: Chat, other: Chat, said: str) -> None:
    await enter(chat)
    messages = [chat.incoming(text=f"{said} {n}") for n in range(5)]
    for message in messages:
        await together(chat.core.turns.take(message), other.core.turns.take(message))
    await together(chat.settle(), other.settle())
    assert await heard(chat) == [message.text for message in messages]
    assert sorted(told(chat, other)[1:]) == sorted(f"heard {message.text}" for message in messages)


async def test_somebody_new_who_reaches_two_processes_at_once_is_one_person(chat: Chat, other: Chat) -> None:
    for n in range(5):
        who = f"new{n}"
        await together(
            chat.core.turns.take(chat.incoming(who, text="hi")), other.core.turns.take(chat.incoming(who, text="hello"))
        )
    async with chat.core.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(PersonRow)) == 5
        assert await db.scalar(select(func.count()).select_from(InboxRow)) == 10
    assert not await faults(chat)


# order ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "look "], ids=["in a group", "alone with the database"])
async def test_messages_of_one_person_at_the_same_moment_keep_their_order(chat: Chat, prefix: str) -> None:
    await enter(chat)
    said = [f"{prefix}{n}" for n in range(8)]
    await together(*(chat.core.turns.take(chat.incoming(text=one)) for one in said))
    await chat.settle()
    assert await heard(chat) == said
    assert told(chat)[1:] == [f"heard {one}" for one in said]


async def test_two_processes_that_hear_one_person_at_the_same_moment_lose_nothing(chat: Chat, other: Chat) -> None:
    await enter(chat)
    pairs = [(f"a{n}", f"look b{n}") for n in range(10)]
    for one, two in pairs:
        await together(chat.core.turns.take(chat.incoming(text=one)), other.core.turns.take(chat.incoming(text=two)))
    await together(chat.settle(), other.settle())
    done = await heard(chat)
    assert [set(done[at : at + 2]) for at in range(0, 20, 2)] == [set(pair) for pair in pairs]
    assert sorted(told(chat, other)[1:]) == sorted(f"heard {one}" for pair in pairs for one in pair)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_comes_however_often_each_is_handled_once_and_in_order(chat: Chat, seed: int) -> None:
    draw = random.Random(seed)
    people = [f"p{n}" for n in range(10)]
    await enter(chat, *people)
    wanted: dict[str, list[str]] = {who: [] for who in people}
    takes = []
    for who in draw.choices(people, k=60):
        said = draw.choice(["", "look "]) + str(draw.random())
        wanted[who].append(said)
        message = chat.incoming(who, text=said)
        takes += [chat.core.turns.take(message) for _ in range(draw.choice([1, 1, 2]))]
        if draw.random() < 0.1:
            await asyncio.gather(*takes)
    await asyncio.gather(*takes)
    await chat.settle()
    for who in people:
        assert await heard(chat, who) == wanted[who]
        assert told(chat, who=who)[1:] == [f"heard {said}" for said in wanted[who]]


async def test_one_who_writes_on_two_channels_at_once_is_heard_on_both(chat: Chat) -> None:
    await enter(chat)
    person = await chat.person()
    async with chat.core.database.transaction() as db:
        await db.execute(
            text(
                "INSERT INTO addresses (person_id, channel, address, used_at, gone) SELECT person_id, 'desk', address, used_at, '' FROM addresses"
            )
        )
    takes = [chat.core.turns.take(chat.incoming(text=said)) for said in ("look a", "b")]
    takes += [chat.core.turns.take(replace(chat.incoming(text=said), channel="desk")) for said in ("c", "look d")]
    await together(*takes)
    done = await heard(chat)
    assert sorted(done) == ["b", "c", "look a", "look d"]
    assert done.index("look a") < done.index("b")
    assert done.index("c") < done.index("look d")
    assert await chat.person() == person


# acknowledged and answered only when it is durable ----------------------------------------------------------------


class Witness(Paper):
    """Looks into the database, from outside, at the moment of each send."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.seen: list[tuple[str, int]] = []

    async def send(self, address: str, part: Part) -> Outcome:
        async with self.database.reading() as db:
            self.seen.append((part["text"], int(await db.scalar(select(func.count()).select_from(OutboxRow)) or 0)))
        return await super().send(address, part)


@pytest.mark.parametrize("said", ["one", "look one", "poison"])
async def test_an_answer_leaves_only_after_the_commit_and_so_does_the_acknowledgement(chat: Chat, said: str) -> None:
    await enter(chat)
    outside = Database(chat.settings.database_url)
    witness = Witness(outside)
    chat.core.sender.add(witness)
    await chat.core.turns.take(chat.incoming(text=said))
    async with outside.reading() as db:
        assert await db.scalar(select(func.count()).select_from(InboxRow)) == 2
    await chat.settle()
    assert [rows for _text, rows in witness.seen] == [2]
    await outside.close()


# poison -----------------------------------------------------------------------------------------------------------


async def test_a_poison_turn_does_not_spoil_those_it_shares_a_commit_with(chat: Chat) -> None:
    people = [f"p{n}" for n in range(9)]
    await enter(chat, *people)
    await together(
        *(chat.core.turns.take(chat.incoming(who, text="poison" if who == "p4" else f"from {who}")) for who in people)
    )
    await chat.settle()
    for who in people:
        assert await heard(chat, who) == ([] if who == "p4" else [f"from {who}"])
        assert len(told(chat, who=who)) == 2
    assert len(await faults(chat)) == 1


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
async def test_poison_is_kept_apologised_for_once_in_their_language_and_blocks_nothing(
    chat: Chat, language: str
) -> None:
    await enter(chat)
    await chat.say(language)
    poison = chat.incoming(text="poison")
    after = chat.incoming(text="after")
    await together(*(chat.core.turns.take(message) for message in (poison, after, poison)))
    await chat.core.turns.take(poison)
    await chat.settle()
    [apology] = [said for said in told(chat)[2:] if said != "heard after"]
    assert apology.startswith(APOLOGY[language])
    [reference] = await faults(chat)
    assert reference in apology
    assert told(chat)[-1] == "heard after"
    assert await heard(chat) == [language, "after"]


@pytest.mark.parametrize("said", ["nul \x00 inside", "half a pair \ud800 inside", "\x00", "\ud83d"])
async def test_what_no_database_keeps_is_left_out_and_the_rest_is_heard(chat: Chat, said: str) -> None:
    await enter(chat)
    await chat.core.turns.take(replace(chat.incoming(text=said), name=said))
    await chat.core.turns.take(replace(chat.incoming("stranger", text=said), name=said))
    await chat.say("after")
    assert (await heard(chat))[-1] == "after"
    assert not await faults(chat)


async def test_what_cannot_even_be_apologised_for_is_let_go(chat: Chat) -> None:
    await enter(chat)
    await chat.core.turns.take(replace(chat.incoming(text="one"), id="half a pair \ud800"))
    await chat.say("after")
    assert (await heard(chat))[-1] == "after"


# somebody else was first ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("times", "healed"), [(1, True), (8, True), (ALWAYS, False)])
async def test_a_turn_that_somebody_else_was_faster_than_runs_again(chat: Chat, times: int, healed: bool) -> None:
    await enter(chat)
    rivals["taken"] = times
    await chat.say("taken")
    await chat.say("after")
    assert await heard(chat) == (["taken", "after"] if healed else ["after"])
    assert bool(await faults(chat)) is not healed


async def test_what_a_founder_says_while_another_process_writes_their_row_waits_for_it(chat: Chat, other: Chat) -> None:
    await enter(chat)
    person = await chat.person()
    async with other.core.database.transaction() as db:
        await db.execute(text(f'UPDATE people SET profile = \'{{"heard": ["elsewhere"]}}\' WHERE id = {person}'))
        said = chat.core.turns.take(chat.incoming(text="here"))
    await said
    assert await heard(chat) == ["elsewhere", "here"]


# the database is away ---------------------------------------------------------------------------------------------


@asynccontextmanager
async def unreachable(chat: Chat, server: Server) -> AsyncIterator[None]:
    """PostgreSQL: every connection cut, none let in."""
    name = chat.core.database.url.database
    await asyncio.to_thread(server.run, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    await asyncio.to_thread(
        server.run, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    yield
    await asyncio.to_thread(server.run, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@asynccontextmanager
async def locked(chat: Chat, server: object) -> AsyncIterator[None]:
    """SQLite: another program holds the file."""
    with _pragma(chat, "busy_timeout=0", "busy_timeout=5000"):
        holder = sqlite3.connect(str(chat.core.database.url.database), isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.close()


@asynccontextmanager
async def full(chat: Chat, server: object) -> AsyncIterator[None]:
    """SQLite: no room is left on the disk."""
    with _pragma(chat, "max_page_count=1", "max_page_count=1000000"):
        yield


@contextmanager
def _pragma(chat: Chat, *pragmas: str) -> Iterator[None]:
    """Transactions that begin meanwhile have the first, those that begin afterwards the second."""
    current = [pragmas[0]]

    def begins(connection: Any) -> None:
        connection.connection.cursor().execute(f"PRAGMA {current[0]}")

    event.listen(chat.core.database.engine.sync_engine, "begin", begins, insert=True)
    yield
    current[0] = pragmas[1]


Away: TypeAlias = Callable[[Chat], AbstractAsyncContextManager[None]]
LONG = "x" * 3900  # no free page has room for it


@pytest.fixture(params=[unreachable, locked, full], ids=lambda away: away.__name__)
def outage(request: pytest.FixtureRequest, postgresql: Server) -> tuple[str, Away]:
    """A database, and what takes it away for a while."""
    away = request.param
    url = request.getfixturevalue("postgresql_url" if away is unreachable else "sqlite_url")
    return url, lambda chat: away(chat, postgresql)


@pytest.mark.parametrize("prefix", ["", "look "], ids=["in a group", "alone with the database"])
async def test_while_the_database_is_away_nobody_is_acknowledged_and_nothing_is_lost(
    outage: tuple[str, Away], prefix: str, tmp_path: Path
) -> None:
    url, away = outage
    async with Chat.on(url, tmp_path, table=table) as chat:
        people = [f"p{n}" for n in range(4)]
        await enter(chat, *people)
        messages = [chat.incoming(who, text=f"{prefix}{n} {LONG}") for n in range(2) for who in people]
        spoken = len(chat.paper.sent)
        async with away(chat):
            refused = await asyncio.gather(
                *(chat.core.turns.take(message) for message in messages), return_exceptions=True
            )
            assert {type(one) for one in refused} == {Unavailable}
            assert len(chat.paper.sent) == spoken
        for message in messages:  # what was not acknowledged comes again
            await _again(chat, message)
        await chat.settle()
        for who in people:
            assert await heard(chat, who) == [message.text for message in messages if message.address == who]
            assert len(told(chat, who=who)) == 3
        assert not await faults(chat)


async def _again(chat: Chat, message: Incoming) -> None:
    """Delivered again until it is taken: pooled connections may have died with the server."""
    for _delivery in range(15):
        try:
            return await chat.core.turns.take(message)
        except Unavailable:
            continue
    raise AssertionError("never taken")


async def test_a_connection_that_breaks_in_the_middle_of_a_turn_refuses_that_turn_only(
    postgresql_url: str, tmp_path: Path
) -> None:
    async with Chat.on(postgresql_url, tmp_path, table=table) as chat:
        await enter(chat, "unlucky", "lucky")
        takes = [
            chat.core.turns.take(chat.incoming("unlucky", text="cut")),
            chat.core.turns.take(chat.incoming("lucky", text="one")),
        ]
        unlucky, lucky = await asyncio.gather(*takes, return_exceptions=True)
        assert isinstance(unlucky, Unavailable)
        assert lucky is None
        await chat.settle()
        assert await heard(chat, "lucky") == ["one"]
        assert not await faults(chat)


# pace -------------------------------------------------------------------------------------------------------------


async def test_who_floods_is_told_once_a_minute_and_slows_nobody_else(chat: Chat) -> None:
    await enter(chat, "flood", "calm")
    await chat.say("ar", "flood")
    chat.clock.pass_(minutes=5)
    messages = at_once(chat, "flood", *(f"{n}" for n in range(50))) + at_once(chat, "calm", "hello")
    await together(*(chat.core.turns.take(message) for message in messages))
    await chat.settle()
    assert len(await heard(chat, "flood")) == 21, "the burst of twenty, after the language"
    slow = [said for said in told(chat, who="flood") if "heard" not in said and said != "What?"]
    assert len(slow) == 1
    assert any("\u0621" <= letter <= "\u064a" for letter in slow[0]), "in Arabic"
    assert await heard(chat, "calm") == ["hello"]
    chat.clock.pass_(seconds=90)
    await chat.say("again", "flood")
    assert (await heard(chat, "flood"))[-1] == "again"


async def test_more_than_we_can_hold_is_refused_and_comes_again_later(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.turn, "BACKLOG", 3)
    messages = [chat.incoming(f"p{n}", text="hello") for n in range(5)]
    taken = await asyncio.gather(*(chat.core.turns.take(message) for message in messages), return_exceptions=True)
    assert [type(one) for one in taken] == [type(None)] * 3 + [Unavailable] * 2
    await together(*(chat.core.turns.take(message) for message in messages[3:]))


# documents --------------------------------------------------------------------------------------------------------


async def test_what_follows_a_document_waits_until_the_document_is_here(chat: Chat) -> None:
    await enter(chat)
    here = asyncio.Event()
    document = chat.incoming(kind="file")

    async def fetch() -> Incoming:
        await here.wait()
        return replace(document, text="the document", kind="text")

    first = chat.core.turns.take(document, fetch)
    second = chat.core.turns.take(chat.incoming(text="after it"))
    await chat.core.turns.take(chat.incoming("somebody", text="meanwhile"))
    assert not first.done()
    assert not second.done()
    here.set()
    await together(first, second)
    assert await heard(chat) == ["the document", "after it"]


@pytest.mark.parametrize("error", [Unavailable("away"), OSError("broken")])
async def test_a_document_that_cannot_be_fetched_is_asked_for_again_or_said_to_be_gone(
    chat: Chat, error: Exception
) -> None:
    await enter(chat)

    async def fetch() -> Incoming:
        raise error

    taken = await asyncio.gather(chat.core.turns.take(chat.incoming(kind="file"), fetch), return_exceptions=True)
    assert isinstance(taken[0], Unavailable if isinstance(error, Unavailable) else type(None))
    await chat.say("after")
    assert (await heard(chat))[-1] == "after"


async def test_a_document_nobody_asked_for_is_not_kept(chat: Chat) -> None:
    await enter(chat)
    file = File(chat.core.store.keep(b"%PDF-1.4"), "cv.pdf", "application/pdf", 8)
    await chat.core.turns.take(chat.incoming(kind="file", file=file))
    await chat.settle()
    assert not chat.core.store.names()
    async with chat.core.database.reading() as db:
        assert not (await db.execute(select(FileRow))).all()


# one answer for several messages ----------------------------------------------------------------------------------


async def test_what_waited_for_us_for_hours_is_answered_once_and_all_of_it_is_heard(chat: Chat) -> None:
    await enter(chat)
    chat.clock.pass_(hours=5)
    sent = chat.clock.now() - timedelta(hours=3)
    await together(*(chat.core.turns.take(replace(chat.incoming(text=f"old {n}"), at=sent)) for n in range(4)))
    chat.clock.pass_(seconds=5)
    await chat.settle()
    assert await heard(chat) == [f"old {n}" for n in range(4)]
    assert told(chat)[1:] == ["heard old 3"]


async def test_no_answer_overtakes_one_that_is_held_back(chat: Chat) -> None:
    await enter(chat)
    photo, word = at_once(chat, "", "photo", "and now")
    await chat.core.turns.take(replace(photo, album="1"))
    await chat.core.turns.take(word)
    await chat.settle()
    assert not told(chat)[1:]
    chat.clock.pass_(seconds=2)
    await chat.settle()
    assert told(chat)[1:] == ["heard photo", "heard and now"]
