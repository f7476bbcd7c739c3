"""`python -m tests.bench.fuzz [--payloads 100000]`: spoilt updates and wrong secrets against the Telegram webhook, on SQLite.

Half of the payloads are spoilt updates with the right secret: bytes flipped, cut off, values of another kind, endless nesting; half are good
updates with a wrong secret: missing, cut off, one letter changed. Said at the end: how often each status was answered, rows that a wrong
secret left behind, the slowest answer, and what memory grew.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click
import psutil
from sqlalchemy import func, select

from storage.tables import InboxRow
from tests.bench.databases import percentile
from tests.house import House
from tests.telegram import TOKEN, Telegram

SECRET = "only-telegram-knows"
STRANGE: list[Any] = [
    None,
    True,
    -1,
    2**63,
    1e308,
    "",
    "\u0000",
    "\ud800",
    [],
    {},
    [[]],
    "x" * 5000,
    {"id": {"id": {}}},
]


def update(number: int) -> dict[str, Any]:
    """A good update."""
    person = {"id": 5_880_000_000 + number % 50, "is_bot": False, "first_name": "Salma", "language_code": "fr"}
    message = {
        "message_id": number,
        "from": person,
        "chat": {"id": person["id"], "type": "private"},
        "date": 1_795_000_000,
        "text": "bonjour",
    }
    return {"update_id": number, "message": message}


def spoilt(number: int) -> bytes:
    """An update that something went wrong with."""
    found: Any = update(number)
    kind = number % 4
    if kind == 0:
        raw = bytearray(json.dumps(found).encode())
        for _n in range(random.randint(1, 6)):
            raw[random.randrange(len(raw))] = random.randrange(256)
        return bytes(raw)
    if kind == 1:
        raw = bytearray(json.dumps(found).encode())
        return bytes(raw[: random.randrange(len(raw))])
    if kind == 2:
        return b'{"update_id":1,"message":' + b"[" * random.randint(1, 20_000)
    at = random.choice([found, found["message"], found["message"]["from"], found["message"]["chat"]])
    at[random.choice(list(at))] = random.choice(STRANGE)
    return json.dumps(found).encode()


def wrong(number: int) -> bytes:
    """A secret that is not ours."""
    if number % 3 == 0:
        return b""
    if number % 3 == 1:
        return SECRET[: random.randrange(len(SECRET))].encode()
    letters = list(SECRET)
    letters[random.randrange(len(letters))] = "#"
    return "".join(letters).encode()


async def post(house: House, body: bytes, secret: bytes) -> tuple[int, float]:
    """The status of an update posted straight to the ASGI application, and the seconds it took."""
    told: list[int] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/telegram",
        "headers": [(b"x-telegram-bot-api-secret-token", secret), (b"content-length", str(len(body)).encode())],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.append(message["status"])

    begun = time.perf_counter()
    await house.served.asgi(scope, receive, send)
    return told[0], time.perf_counter() - begun


async def fuzz(payloads: int) -> None:
    random.seed(20261123)
    with tempfile.TemporaryDirectory() as folder:
        async with Telegram() as telegram:
            house = House(
                f"sqlite:///{folder}/fuzz.db",
                Path(folder),
                telegram_token=TOKEN,
                telegram_api=telegram.url,
                telegram_secret=SECRET,
            )
            house.settings = house.settings.model_copy(update={"public_url": house.url})
            await house.start()
            try:
                statuses: dict[str, Counter[int]] = {"spoilt": Counter(), "forged": Counter()}
                times: list[float] = []
                before = psutil.Process().memory_info().rss
                for number in range(payloads // 2):
                    status, took = await post(house, json.dumps(update(number)).encode(), wrong(number))
                    statuses["forged"][status] += 1
                    times.append(took)
                async with house.served.core.database.reading() as db:
                    rows = await db.scalar(select(func.count()).select_from(InboxRow))
                for number in range(payloads // 2):
                    status, took = await post(house, spoilt(number), SECRET.encode())
                    statuses["spoilt"][status] += 1
                    times.append(took)
                async with house.served.core.database.reading() as db:
                    faults = await db.scalar(select(func.count()).where(InboxRow.fault != ""))
                grown = (psutil.Process().memory_info().rss - before) / 2**20
                click.echo(
                    f"forged {dict(statuses['forged'])}, {rows} rows; spoilt {dict(statuses['spoilt'])}, {faults} failed turns; "
                    f"p99 {percentile(times, 0.99):.1f} ms, slowest {max(times) * 1000:.0f} ms; {grown:.0f} MB more"
                )
            finally:
                await house.stop()


@click.command()
@click.option("--payloads", default=100_000)
def main(payloads: int) -> None:
    asyncio.run(fuzz(payloads))


if __name__ == "__main__":
    main()
