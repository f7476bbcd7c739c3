"""`python -m tests.bench.reminders [--most 1000000]`: how a tick grows with what is waiting, and 10,000 due in one second.

For 1,000 and 100,000 and 1,000,000 reminders that are not due, the time of a tick; then the time to queue 10,000 that are,
and how long founders wait for their answers meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import click
from sqlalchemy import insert, select, text, update

from storage.database import Database
from storage.tables import AddressRow, OutboxRow, PersonRow, ReminderRow
from tests import coaching
from tests.bench.databases import chat, percentile, urls
from tests.chat import START, Chat
from tests.coaching import THURSDAY, booked

DUE = 10_000


async def fill(database: Database, first: int, count: int, session: int) -> None:
    """Reminders of the next day, one a person of 10,000."""
    for at in range(first, count, 10_000):
        rows = [
            {
                "key": f"bench:{n}",
                "person_id": n % DUE + 1,
                "kind": "hour",
                "subject": session,
                "due_at": THURSDAY + timedelta(seconds=n % 86_400),
                "state": "waiting",
                "reason": "",
            }
            for n in range(at, min(count, at + 10_000))
        ]
        async with database.transaction() as db:
            await db.execute(insert(ReminderRow), rows)


async def ticks(paper: Chat, count: int = 50) -> list[float]:
    times = []
    for _n in range(count):
        begun = time.perf_counter()
        await paper.core.reminders.remind()
        times.append(time.perf_counter() - begun)
    return times


async def bench(url: str, most: int) -> None:
    async with chat(url) as paper:
        database = paper.core.database
        async with database.transaction() as db:
            people = [{"created_at": START, "seen_at": START, "language": "fr"} for _n in range(DUE)]
            await db.execute(insert(PersonRow), people)
            ids = list(await db.scalars(select(PersonRow.id)))
            places = [{"person_id": id, "channel": "nowhere", "address": str(id), "used_at": START} for id in ids]
            await db.execute(insert(AddressRow), places)
            salma = await coaching.coach(db, "salma", START)
            session = await booked(db, paper.core.programme, ids[0], salma, THURSDAY + timedelta(hours=9), START)
        done = 0
        for count in (1_000, 100_000, 1_000_000):
            if count > most:
                break
            await fill(database, done, count, session.id)
            done = count
            async with database.transaction() as db:
                await db.execute(text("ANALYZE"))
            times = await ticks(paper)
            click.echo(
                f"  {count:>9,} waiting: tick p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms"
            )
        async with database.transaction() as db:
            await db.execute(
                update(ReminderRow).values(due_at=THURSDAY).where(ReminderRow.id.in_(select(ReminderRow.id).limit(DUE)))
            )
        paper.clock.time = THURSDAY
        begun = time.perf_counter()
        sending = asyncio.create_task(paper.core.reminders.remind())
        answers: list[float] = []
        while not sending.done():
            asked = time.perf_counter()
            await paper.core.turns.take(paper.incoming(f"asks{len(answers)}", text="/help"))
            paper.clock.time = THURSDAY  # or more and more would fall due
            answers.append(time.perf_counter() - asked)
            await asyncio.sleep(0)
        settled = await sending
        took = time.perf_counter() - begun
        async with database.reading() as db:
            queued = len((await db.execute(select(OutboxRow.id).where(OutboxRow.channel == "nowhere"))).all())
        click.echo(
            f"  {DUE:,} due at once: {settled:,} settled, {queued:,} queued in {took:.1f} s; "
            f"meanwhile {len(answers)} answers, p50 {percentile(answers, 0.5):.0f} ms, p99 {percentile(answers, 0.99):.0f} ms"
        )


@click.command()
@click.option("--most", default=1_000_000)
def main(most: int) -> None:
    with urls() as found:
        for kind, url in found.items():
            click.echo(f"{kind}:")
            asyncio.run(bench(url, most))


if __name__ == "__main__":
    main()
