"""`python -m tests.bench.start [--rounds 5]`: how soon `mouwakib serve` answers after a restart, and what it takes of memory.

It serves the page, Telegram by long polling and WhatsApp, on SQLite. On the page a browser knocks from the first moment; on
Telegram somebody wrote while it was down, and from then on one founder after the other writes to it, each as soon as the
one before was answered. Said for each round: when the page opened, when Telegram was answered, the slowest of the turns of
the ten seconds after that beside the p99 of the ten that follow, and the memory after a document came on Telegram and on
WhatsApp; beside them what Python needs to import four of our libraries and to do nothing.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import click
import httpx2
import psutil

from tests import telegram as tg
from tests import whatsapp as wa
from tests.bench.databases import percentile
from tests.house import PDF
from tests.process import Process

PROBE = "import sqlalchemy, starlette, uvicorn, pydantic"
EARLY_S = 10  # seconds after the first answer


def probe() -> float:
    """Seconds of a process that only imports what nearly every bot of this kind does."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", PROBE], check=True)
    return time.perf_counter() - begun


async def opened(process: Process) -> None:
    """Return when the page answers."""
    async with httpx2.AsyncClient() as browser:
        while True:
            try:
                if (await browser.get(f"{process.url}/")).status_code == 200:
                    return
            except httpx2.TransportError:
                await asyncio.sleep(0.02)


async def turns(telegram: tg.Telegram) -> list[float]:
    """Seconds of each turn that began in the next `EARLY_S`."""
    found = []
    begun = time.perf_counter()
    while (at := time.perf_counter()) < begun + EARLY_S:
        founder = telegram.person("Salma")
        founder.says("/start")
        await founder.reads()
        found.append(time.perf_counter() - at)
    return found


async def start(process: Process, telegram: tg.Telegram, whatsapp: wa.WhatsApp) -> dict[str, float]:
    """One start; the figures by their names."""
    waiting = telegram.person("Amina")
    waiting.says("/start")
    found = {"probe": probe()}
    begun = time.perf_counter()
    process.run()
    page = asyncio.create_task(opened(process))
    page.add_done_callback(lambda _done: found.update(page=time.perf_counter() - begun))
    try:
        await waiting.reads()
        found["telegram"] = time.perf_counter() - begun
        found["early"] = max(await turns(telegram))
        found["later"] = percentile(await turns(telegram), 0.99) / 1000
        await page
        for founder in (telegram.person("Salma"), whatsapp.person("Salma")):
            founder.says("/start")
            await founder.reads()
            founder.sends_document("plan.pdf", PDF)
            await founder.reads()
        found["memory"] = psutil.Process(process.pid).memory_info().rss / 1e6
    finally:
        process.kill()
    return found


@click.command()
@click.option("--rounds", default=5)
def main(rounds: int) -> None:
    async def run() -> list[dict[str, float]]:
        with tempfile.TemporaryDirectory() as folder:
            async with tg.Telegram() as telegram, wa.WhatsApp() as whatsapp:
                process = Process(
                    f"sqlite:///{folder}/bench.db",
                    Path(folder),
                    telegram_token=tg.TOKEN,
                    telegram_api=telegram.url,
                    whatsapp_token=wa.TOKEN,
                    whatsapp_api=whatsapp.url,
                    whatsapp_phone_id=wa.NUMBER,
                    whatsapp_app_secret=wa.SECRET,
                    whatsapp_verify_token=wa.VERIFY,
                )
                whatsapp.hook(f"{process.url}/whatsapp")
                _say("a new database", await start(process, telegram, whatsapp))
                done = []
                for n in range(rounds):
                    done.append(await start(process, telegram, whatsapp))
                    _say(f"restart {n + 1}", done[-1])
                return done

    done = asyncio.run(run())
    _say("median", {name: median(found[name] for found in done) for name in done[0]})


def _say(what: str, found: dict[str, float]) -> None:
    click.echo(
        f"{what}: imports alone {found['probe']:.2f} s; the page opens after {found['page']:.2f} s ({found['page'] / found['probe']:.1f} times), "
        f"Telegram is answered after {found['telegram']:.2f} s ({found['telegram'] / found['probe']:.1f} times); "
        f"slowest turn of the first {EARLY_S} s {1000 * found['early']:.0f} ms, p99 of the next {1000 * found['later']:.0f} ms "
        f"({found['early'] / found['later']:.1f} times); {found['memory']:.0f} MB"
    )


if __name__ == "__main__":
    main()
