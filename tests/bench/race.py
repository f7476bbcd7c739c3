"""`python -m tests.bench.race [--founders 200] [--rounds 50]`: founders who want one slot at one moment, on both databases.

Prints for each: rounds with exactly one booking, refusals, and how long each founder waited for an answer.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import click

from storage import Conflict, sessions
from tests import coaching
from tests.bench.databases import chat, percentile, urls
from tests.chat import START
from tests.coaching import THURSDAY, at


async def race(url: str, founders: int, rounds: int) -> str:
    async with chat(url) as paper:
        database, programme = paper.core.database, paper.core.programme
        async with database.transaction() as db:
            salma = await coaching.coach(db, "salma", START)
            wanting = await coaching.founders(db, founders, START)
        won, refused, failed, times = [], 0, 0, []

        async def book(founder: int, moment: timedelta) -> int:
            begun = time.perf_counter()
            try:
                async with database.transaction() as db:
                    when = at(programme, THURSDAY + moment)
                    return await sessions.book(db, founder, salma, "legal", "site", when, START, goal="", asked=False)
            finally:
                times.append(time.perf_counter() - begun)

        for n in range(rounds):
            results = await asyncio.gather(*(book(one, timedelta(hours=n)) for one in wanting), return_exceptions=True)
            won.append(sum(isinstance(one, int) for one in results))
            refused += sum(isinstance(one, Conflict) for one in results)
            failed += sum(not isinstance(one, int | Conflict) for one in results)
        exact = won.count(1)
        return (
            f"{exact}/{rounds} rounds with exactly one booking, {refused} refused, {failed} other errors; "
            f"p50 {percentile(times, 0.5):.0f} ms, p99 {percentile(times, 0.99):.0f} ms"
        )


@click.command()
@click.option("--founders", default=200)
@click.option("--rounds", default=50)
def main(founders: int, rounds: int) -> None:
    with urls() as found:
        for kind, url in found.items():
            click.echo(f"{kind}: {asyncio.run(race(url, founders, rounds))}")


if __name__ == "__main__":
    main()
