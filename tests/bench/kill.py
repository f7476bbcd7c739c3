"""`python -m tests.bench.kill [talks|reminders] [--store sqlite] [--kills 100]`: the process is killed again and again.

`talks`: founders in the middle of the eligibility check.
Each founder types the next answer when they have read the next question, as people do, over and over again until every
kill has happened; after each kill the process is started again. Said at the end: answers lost, answers kept twice, messages read twice (and
whether they were flagged), messages whose fate nobody knows, and how long founders waited after a restart.

`reminders`: as many fall due, 30 a second, and whichever process sends is killed while it does; on PostgreSQL there are three. Said at the end:
who was reminded once, twice or never, how many were flagged as sent again, and how late the latest came.
"""

from __future__ import annotations

import asyncio
import random
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import func, insert, select

from storage import people, schema
from storage import reminders as plans
from storage.database import Database
from storage.tables import BookingRow, InboxRow, OutboxRow, PersonRow
from tests.bench.databases import percentile, urls
from tests.process import Process, sending
from tests.telegram import TOKEN, Telegram
from tests.telegram_people import Person

SCRIPT = Path(__file__).resolve().parent.parent / "transcripts" / "eligibility" / "ok.fr.txt"
PATIENCE = 120.0  # seconds after which somebody who hears nothing writes again


def lines() -> list[str]:
    """What a founder types, buttons by their words."""
    return [line.strip("[]") for line in re.findall(r"^> (.*)$", SCRIPT.read_text("utf-8"), re.MULTILINE)]


@dataclass
class Result:
    """What became of it."""

    kills: int = 0
    talks: int = 0  # conversations brought to their end
    turns: int = 0
    wrong: int = 0  # verdicts that do not rest on what was typed
    faults: int = 0  # apologies for a failed turn
    twice: int = 0  # messages that arrived twice
    resent: int = 0  # messages flagged as sent once more
    unknown: int = 0
    again: int = 0  # times somebody heard nothing and wrote again
    waits: list[float] = field(default_factory=list)  # seconds from a kill to the next message of the bot


async def founder(person: Person, said: list[str], over: asyncio.Event, result: Result) -> None:
    """Talk until it is over, and end with a whole conversation."""
    todo = said
    while True:
        for line in todo:
            await asyncio.sleep(random.uniform(0.6, 1.6))  # as fast as anybody types, and no faster than they may
            person.says(line)
            result.turns += 1
            while True:
                try:
                    await person.telegram.bell.until(lambda: person.unread > 0, seconds=PATIENCE)
                    await person.reads()
                    break
                except AssertionError:
                    result.again += 1
                    person.says(line)
        result.talks += 1
        if over.is_set():
            return
        todo = ["/eligibility", *said[4:]]  # once more, each answer given anew


async def run(url: str, folder: Path, kills: int, founders: int) -> Result:
    """Kill the process so often, at random moments, while founders talk with it."""
    result = Result()
    database = Database(url)
    await schema.upgrade(database)
    async with Telegram() as telegram:
        process = Process(url, folder, telegram_token=TOKEN, telegram_api=telegram.url)
        await process.start()
        people = [telegram.person(f"p{n}") for n in range(founders)]
        over = asyncio.Event()
        talks = [asyncio.create_task(founder(person, lines(), over, result)) for person in people]
        try:
            for _n in range(kills):
                heard = len(telegram.called("sendMessage"))
                begun = time.perf_counter()
                await telegram.bell.until(lambda heard=heard: len(telegram.called("sendMessage")) > heard)  # type: ignore[misc]
                result.waits.append(time.perf_counter() - begun)
                await asyncio.sleep(random.uniform(0.01, 0.6))
                process.kill()
                process.run()
                result.kills += 1
            over.set()
            await asyncio.gather(*talks)
            await telegram.bell.until(lambda: telegram.delivered)
            process.stop()
        finally:
            for talk in talks:
                talk.cancel()
            process.kill()
        arrived = sum(len(person.texts) for person in people)
    async with database.reading() as db:
        kept = list(await db.scalars(select(PersonRow.profile)))
        answers = Counter(str(profile.get("eligibility", {}).get("answers")) for profile in kept)
        result.wrong = sum(answers.values()) - answers.most_common(1)[0][1]
        result.faults = await db.scalar(select(func.count()).where(InboxRow.fault != "")) or 0
        written = await db.scalar(select(func.count()).where(OutboxRow.state.in_(("sent", "unknown")))) or 0
        result.twice = max(0, arrived - written)
        result.resent = await db.scalar(select(func.count()).where(OutboxRow.resent)) or 0
        result.unknown = await db.scalar(select(func.count()).where(OutboxRow.state == "unknown")) or 0
    await database.close()
    return result


# reminders ------------------------------------------------------------------------------------------------------------

A_SECOND = 30
ZONE = ZoneInfo("Africa/Casablanca")


@dataclass
class Reminded:
    """What became of reminders."""

    once: int
    twice: int
    never: int
    resent: int  # flagged as sent once more
    latest: int  # seconds after it was due


async def reminded(url: str, folder: Path, kills: int, founders: int, *, processes: int) -> Reminded:
    """Let so many reminders fall due, and kill whichever process sends them, so often."""
    database = Database(url)
    await schema.upgrade(database)
    async with Telegram() as telegram:
        readers = [telegram.person(f"p{n}") for n in range(founders)]
        serving = [Process(url, folder, telegram_token=TOKEN, telegram_api=telegram.url) for _n in range(processes)]
        try:
            await asyncio.gather(*(process.start() for process in serving))
            first = telegram.now() + timedelta(seconds=2)
            due = {reader.id: first + timedelta(seconds=n / A_SECOND) for n, reader in enumerate(readers)}
            for reader in readers:
                reader.started = True
                await _remind(database, str(reader.id), due[reader.id])
            for n in range(kills):
                enough = (n + 1) * founders // (kills + 1)
                await telegram.bell.until(
                    lambda enough=enough: len(telegram.called("sendMessage")) > enough,  # type: ignore[misc]
                )
                process = await sending(serving, "telegram")
                process.kill()
                process.run()
            await telegram.bell.until(lambda: all(reader.heard for reader in readers), "a reminder that never comes")
            await asyncio.gather(*(process.start() for process in serving if not process.alive))
        finally:
            for process in serving:
                process.kill()
        times = Counter(len(reader.heard) for reader in readers)
        latest = max(reader.heard[0]["date"] - int(due[reader.id].timestamp()) for reader in readers)
    async with database.reading() as db:
        resent = await db.scalar(select(func.count()).where(OutboxRow.resent)) or 0
    await database.close()
    return Reminded(times[1], sum(times.values()) - times[0] - times[1], times[0], resent, latest)


async def _remind(database: Database, address: str, due: datetime) -> None:
    """A founder, their session, and its reminder. So near to the session that quiet hours no longer matter."""
    async with database.transaction() as db:
        founder = await people.add(db, "telegram", address, due)
        starts = (due + timedelta(minutes=13)).replace(second=0, microsecond=0)
        session = {
            "founder_id": founder,
            "topic": "legal",
            "place": "site",
            "wall": f"{starts.astimezone(ZONE):%Y-%m-%dT%H:%M}",
            "zone": ZONE.key,
            "starts_at": starts,
            "ends_at": starts + timedelta(minutes=45),
            "free_at": starts + timedelta(minutes=60),
            "state": "confirmed",
            "created_at": due,
            "changed_at": due,
        }
        id = int((await db.execute(insert(BookingRow).values(**session).returning(BookingRow.id))).scalar_one())
        await plans.plan(db, [plans.Reminder(f"booking:{id}:hour", founder, "hour", id, due)])


@click.command()
@click.argument("what", type=click.Choice(["talks", "reminders"]), default="talks")
@click.option("--store", default="", help="sqlite or postgresql; both if left out")
@click.option("--kills", default=100)
@click.option("--founders", default=16)
def main(what: str, store: str, kills: int, founders: int) -> Any:
    with urls(store) as found:
        for kind, url in found.items():
            if what == "reminders":
                with tempfile.TemporaryDirectory() as folder:
                    processes = 1 if kind == "sqlite" else 3
                    told = asyncio.run(reminded(url, Path(folder), kills, founders, processes=processes))
                click.echo(
                    f"{kind}: {founders} reminders, {processes} processes, {kills} kills: {told.once} once, {told.twice} twice ({told.resent} flagged as sent "
                    f"again), {told.never} never; the latest {told.latest} s after it was due"
                )
                continue
            with tempfile.TemporaryDirectory() as folder:
                done = asyncio.run(run(url, Path(folder), kills, founders))
            click.echo(
                f"{kind}: {done.kills} kills, {done.turns} turns, {done.talks} talks ended: {done.wrong} with a wrong answer, {done.faults} failed turns, "
                f"{done.twice} messages read twice ({done.resent} flagged as sent again), {done.unknown} unknown, {done.again} wrote again; "
                f"next message after a kill p50 {percentile(done.waits, 0.5) / 1000:.1f} s, p99 {percentile(done.waits, 0.99) / 1000:.1f} s"
            )


if __name__ == "__main__":
    main()
