"""`python -m tests.bench.broadcast [plan|pace|kill|takeover]`: an announcement to many, on both databases.

plan: how long 100,000 recipients take to be counted and written, and what memory grows while 3,000 of them are sent.
pace: how much of Telegram's 30 messages a second is used on a server that enforces them, and what founders who chat meanwhile wait.
kill: one announcement, the process killed again and again at random moments: how often each person got it.
takeover: two processes on PostgreSQL, whichever sends is killed: how long until the other goes on, and how often each person got it.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import psutil
from sqlalchemy import func, insert, select

from storage import announcements, audiences, schema
from storage.announcements import Body
from storage.audiences import Audience
from storage.database import Database
from storage.tables import AddressRow, AnnouncementRow, OutboxRow, PersonRow
from tests.bench.databases import chat, percentile, urls
from tests.process import Process, sending
from tests.telegram import TOKEN, Call, Fault, Telegram, too_many
from tests.telegram_people import Person

LIMIT = 30  # messages in any second that the server lets pass
BODIES: dict[str, Body] = {code: {"text": f"📣 {code}", "language": code} for code in ("ar", "fr", "en")}


async def fill(database: Database, channel: str, addresses: list[str]) -> None:
    """Somebody who agreed to announcements behind each address."""
    now = datetime.now(UTC)
    person = {"created_at": now, "seen_at": now, "roles": "founder", "agreed": ["data", "news"], "profile": {}}
    for at in range(0, len(addresses), 10_000):
        part = addresses[at : at + 10_000]
        async with database.transaction() as db:
            rows = [{**person, "language": ("ar", "fr", "en")[n % 3], "name": ""} for n in range(len(part))]
            await db.execute(insert(PersonRow), rows)
            ids = (await db.scalars(select(PersonRow.id).order_by(PersonRow.id.desc()).limit(len(part)))).all()
            places = [
                {"person_id": id, "channel": channel, "address": where, "used_at": now, "gone": ""}
                for id, where in zip(reversed(ids), part, strict=True)
            ]
            await db.execute(insert(AddressRow), places)


async def due(database: Database) -> int:
    """An announcement to everybody, due now."""
    now = datetime.now(UTC)
    async with database.transaction() as db:
        return await announcements.add(db, 0, "events", BODIES, Audience(), 0, now, "scheduled", now)


def ended(counts: list[audiences.Count]) -> dict[str, int]:
    """How many letters came to each end."""
    ends: Counter[str] = Counter()
    for count in counts:
        ends[count.reason] += count.people
    return dict(ends)


# plan ---------------------------------------------------------------------------------------------------------------


async def plan(url: str, people: int) -> None:
    async with chat(url) as paper:
        database = paper.core.database
        await fill(database, "paper", [f"p{n}" for n in range(people)])
        begun = time.perf_counter()
        async with database.reading() as db:
            await audiences.counted(db, Audience(), "events", list(BODIES), datetime.now(UTC), bridged=())
        counted = time.perf_counter() - begun
        paper.clock.time = datetime.now(UTC).replace(hour=10)
        id = await due(database)
        async with database.transaction() as db:
            begun = time.perf_counter()
            await announcements.plan(db, id, paper.clock.now(), bridged=())
        planned = time.perf_counter() - begun
        before = psutil.Process().memory_info().rss
        going = await paper.core.announcements.look()
        begun = time.perf_counter()
        while len(paper.paper.sent) < 3000:
            await paper.core.announcements.work("paper", going)
        grown = (psutil.Process().memory_info().rss - before) / 2**20
        click.echo(
            f"  {people:,} recipients: counted in {counted:.2f} s, planned in {planned:.2f} s; {grown:.1f} MB more after 3,000 were sent"
        )


# pace and kill: a real process on a Telegram that counts ---------------------------------------------------------------


class Counting:
    """Refuses what comes too fast, as Telegram does: its limit is for notices, answers to people who write are not counted."""

    def __init__(self, telegram: Telegram) -> None:
        self.talking: set[int] = set()
        self.notices = self.answers = 0
        self.refused = 0
        self.most = 0
        self._second: deque[float] = deque()
        telegram.whenever = self.fault

    def fault(self, call: Call) -> Fault | None:
        if call.method.lower() != "sendmessage":
            return None
        if int(call.said["chat_id"]) in self.talking:
            self.answers += 1
            return None
        while self._second and self._second[0] <= call.at - 1:
            self._second.popleft()
        if len(self._second) >= LIMIT:
            self.refused += 1
            return too_many(1)
        self._second.append(call.at)
        self.notices += 1
        self.most = max(self.most, len(self._second))
        return None


@asynccontextmanager
async def served(
    url: str, people: int, processes: int = 1
) -> AsyncIterator[tuple[list[Process], Telegram, Counting, Database, list[Person]]]:
    database = Database(url)
    await schema.upgrade(database)
    with tempfile.TemporaryDirectory() as folder:
        async with Telegram() as telegram:
            readers = [telegram.person(f"p{n}") for n in range(people)]
            for reader in readers:
                reader.started = True
            await fill(database, "telegram", [str(reader.id) for reader in readers])
            # quiet hours are not what is measured
            programme = Path(folder) / "programme.yaml"
            written = (Path("programmes") / "technopark-oujda.yaml").read_text("utf-8")
            programme.write_text(
                written.replace("quiet_from: 21", "quiet_from: 24").replace("quiet_until: 8", "quiet_until: 0"), "utf-8"
            )
            keys = {"telegram_token": TOKEN, "telegram_api": telegram.url, "programme": str(programme)}
            serving = [Process(url, Path(folder), **keys) for _n in range(processes)]
            try:
                await asyncio.gather(*(process.start() for process in serving))
                yield serving, telegram, Counting(telegram), database, readers
            finally:
                for process in serving:
                    process.kill()
                await database.close()


async def chatting(person: Person, times: list[float], until: asyncio.Event, rest: float) -> None:
    """Somebody who asks for help now and then."""
    while not until.is_set():
        await asyncio.sleep(rest * random.uniform(0.5, 1.5))
        begun = time.perf_counter()
        seen = len(person.heard)
        person.says("/help")
        await person.telegram.bell.until(lambda seen=seen: any("📣" not in text for text in person.texts[seen:]))  # type: ignore[misc]
        times.append(time.perf_counter() - begun)


async def pace(url: str, people: int) -> None:
    async with served(url, people) as (_serving, telegram, counting, database, readers):
        talkers = [telegram.person(f"t{n}") for n in range(10)]
        counting.talking.update(talker.id for talker in talkers)
        for talker in talkers:
            talker.says("/start")
            await talker.reads()
            talker.says("Français")
            await talker.reads()
        idle: list[float] = []
        busy: list[float] = []
        over = asyncio.Event()
        asking = [asyncio.create_task(chatting(talker, idle, over, 5)) for talker in talkers]
        await asyncio.sleep(people / LIMIT)
        over.set()
        await asyncio.gather(*asking)
        over.clear()
        id = await due(database)
        asking = [asyncio.create_task(chatting(talker, busy, over, 5)) for talker in talkers]
        await telegram.bell.until(lambda: bool(readers[0].heard))
        begun, answers = time.perf_counter(), counting.answers
        await telegram.bell.until(lambda: all(reader.heard for reader in readers), seconds=people)
        took, answers = time.perf_counter() - begun, counting.answers - answers
        over.set()
        await asyncio.gather(*asking)
        async with database.reading() as db:
            ends = ended(await announcements.report(db, id))
        click.echo(
            f"  {people} recipients in {took:.1f} s, {(counting.notices + answers) / took / LIMIT:.1%} of {LIMIT}/s used ({answers} answers among them), {counting.refused} refused, "
            f"at most {counting.most} in a second; answers p95 {percentile(idle, 0.95):.1f} ms alone ({len(idle)}), "
            f"{percentile(busy, 0.95):.1f} ms meanwhile ({len(busy)}); {ends}"
        )


@dataclass
class Survived:
    """What became of an announcement whose senders were killed."""

    kills: int
    once: int
    never: int
    twice: int
    unknown: int
    refused: int
    again: list[float]  # seconds from a kill to the next message
    ends: dict[str, int]


async def kill(url: str, people: int, kills: int) -> Survived:
    """Kill the one process at random moments."""
    async with served(url, people) as ((process,), _telegram, counting, database, readers):
        id = await due(database)
        resumed: list[float] = []
        done = False
        for _n in range(kills):
            heard, begun = counting.notices, time.perf_counter()
            while counting.notices == heard and not done:
                await asyncio.sleep(0.02)
                done = await _state(database, id) == "done"
            if done:
                break
            resumed.append(time.perf_counter() - begun)
            await asyncio.sleep(random.uniform(0.05, 1.0))
            process.kill()
            process.run()
        while not done:
            await asyncio.sleep(0.2)
            done = await _state(database, id) == "done"
        return await _survived(database, id, readers, counting, resumed)


async def takeover(url: str, people: int, kills: int) -> Survived:
    """Kill whichever of two processes sends, each time after as many more have got it; the other goes on."""
    async with served(url, people, processes=2) as (serving, telegram, counting, database, readers):
        id = await due(database)
        resumed: list[float] = []
        for n in range(kills):
            enough = (n + 1) * people // (kills + 1)
            await telegram.bell.until(
                lambda enough=enough: counting.notices > enough,  # type: ignore[misc]
                "the announcement goes on",
            )
            process = await sending(serving, "telegram")
            if people - counting.notices < 50:  # too few are left to see anybody go on
                break
            heard, begun = counting.notices, time.perf_counter()
            process.kill()
            process.run()
            await telegram.bell.until(
                lambda heard=heard: counting.notices > heard + IN_HAND,  # type: ignore[misc]
                "another process sends",
            )
            resumed.append(time.perf_counter() - begun)
        while await _state(database, id) != "done":  # noqa: ASYNC110 - another process ends it
            await asyncio.sleep(0.1)
        return await _survived(database, id, readers, counting, resumed)


IN_HAND = 4  # messages that may still arrive after the kill: as many as are taken at once


async def _state(database: Database, id: int) -> str:
    async with database.reading() as db:
        return str(await db.scalar(select(AnnouncementRow.state).where(AnnouncementRow.id == id)))


async def _survived(
    database: Database, id: int, readers: list[Person], counting: Counting, again: list[float]
) -> Survived:
    times = Counter(len(reader.heard) for reader in readers)
    async with database.reading() as db:
        ends = ended(await announcements.report(db, id))
        unknown = (
            await db.scalar(select(func.count()).where(OutboxRow.broadcast_id == id, OutboxRow.state == "unknown")) or 0
        )
    twice = sum(times.values()) - times[0] - times[1]
    return Survived(len(again), times[1], times[0], twice, unknown, counting.refused, again, ends)


async def measure(what: str, url: str, people: int, kills: int) -> None:
    if what == "plan":
        await plan(url, people or 100_000)
    elif what == "pace":
        await pace(url, people or 900)
    else:
        told = await (kill(url, people or 4000, kills) if what == "kill" else takeover(url, people or 1000, kills))
        click.echo(
            f"  {people} recipients, killed {told.kills} times: got it once {told.once}, never {told.never}, twice {told.twice}; "
            f"unknown {told.unknown} ({told.unknown / max(told.kills, 1):.1f} a kill); sending again after p50 {percentile(told.again, 0.5) / 1000:.1f} s, "
            f"at most {max(told.again):.1f} s; refused {told.refused}; {told.ends}"
        )


@click.command()
@click.argument("what", type=click.Choice(["plan", "pace", "kill", "takeover"]))
@click.option("--store", default="", help="sqlite or postgresql; both if left out")
@click.option("--people", default=0)
@click.option("--kills", default=100)
def main(what: str, store: str, people: int, kills: int) -> Any:
    with urls("postgresql" if what == "takeover" else store) as found:
        for kind, url in found.items():
            click.echo(f"{kind}, {what}:")
            asyncio.run(measure(what, url, people, kills))


if __name__ == "__main__":
    main()
