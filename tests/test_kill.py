"""A process may be killed at any moment: what founders said is kept once, what they wait for arrives, doubles are flagged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import schema
from storage.database import Database
from storage.outbox import DEATHS
from storage.tables import InboxRow, OutboxRow
from tests.bench.broadcast import IN_HAND, takeover
from tests.bench.kill import reminded, run
from tests.process import Process
from tests.telegram import TOKEN, Fault, Telegram


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with Telegram() as found:
        yield found


async def test_founders_reach_their_verdict_though_the_process_is_killed_again_and_again(
    database_url: str, tmp_path: Path
) -> None:
    done = await run(database_url, tmp_path, kills=3, founders=4)
    assert done.talks >= 4
    assert (done.wrong, done.faults) == (0, 0)
    assert done.twice <= done.resent * DEATHS


async def test_reminders_come_once_and_in_time_though_whichever_process_sends_is_killed(
    database_url: str, tmp_path: Path
) -> None:
    processes = 1 if database_url.startswith("sqlite") else 3
    told = await reminded(database_url, tmp_path, kills=2, founders=60, processes=processes)
    assert told.never == 0
    assert told.twice <= told.resent, "a double is flagged as what was in doubt"
    assert told.latest <= 60


async def test_an_announcement_goes_on_in_the_other_process_and_reaches_nobody_twice(postgresql_url: str) -> None:
    told = await takeover(postgresql_url, people=250, kills=2)
    assert told.kills >= 1
    assert told.twice == 0
    assert told.once + told.never == 250
    assert told.never <= told.unknown <= 2 * told.kills * IN_HAND, "only what was in hand is unknown"


async def test_killed_while_an_answer_is_on_its_way_the_founder_gets_it_and_a_double_is_flagged(
    database_url: str, tmp_path: Path, telegram: Telegram
) -> None:
    process = Process(database_url, tmp_path, telegram_token=TOKEN, telegram_api=telegram.url)
    salma = telegram.person("Salma")
    await process.start()
    try:
        held = asyncio.Event()
        telegram.fail("sendMessage", Fault(done=True, held=held))  # it arrives, and the bot never learns of it
        salma.says("/start")
        await telegram.bell.until(lambda: bool(telegram.called("sendMessage")))
        process.kill()
        held.set()
        await process.start()
        await telegram.bell.until(lambda: len(salma.texts) == 2)
    finally:
        process.kill()
    assert salma.texts[0] == salma.texts[1]
    database = Database(database_url)
    async with database.reading() as db:
        assert await db.scalar(select(func.count()).where(OutboxRow.resent)) == 1
        assert await db.scalar(select(func.count()).select_from(InboxRow)) == 1, "the message itself was handled once"
    await database.close()


async def test_killed_before_the_commit_the_message_comes_again_and_is_handled_once(
    sqlite_url: str, tmp_path: Path, telegram: Telegram
) -> None:
    database = Database(sqlite_url)
    await schema.upgrade(database)
    process = Process(sqlite_url, tmp_path, telegram_token=TOKEN, telegram_api=telegram.url)
    await process.start()
    salma = telegram.person("Salma")
    try:
        async with database.transaction():  # nobody else can write meanwhile
            salma.says("/start")
            asked = len(telegram.called("getUpdates"))
            await telegram.bell.until(lambda: len(telegram.called("getUpdates")) >= asked)
            process.kill()
        await process.start()
        assert "Choisissez votre langue" in await salma.reads()
    finally:
        process.kill()
    assert len(salma.texts) == 1
    async with database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(InboxRow)) == 1
    await database.close()
