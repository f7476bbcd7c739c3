"""`python -m tests.pictures` takes the README's pictures: real talks on the real page, in docs/pictures."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from bot.zone import use_pinned_zone_data

use_pinned_zone_data()

from storage import applications, people  # noqa: E402
from tests import coaching  # noqa: E402
from tests.browser import browser, play  # noqa: E402
from tests.house import House  # noqa: E402

HOME = Path(__file__).parents[1]
PHONE = {"width": 390, "height": 800}
DESK = {"width": 1000, "height": 700}


async def take(chromium: Browser, name: str, transcript: str, until: str, **more: Any) -> None:
    """Play a transcript on a fresh house up to the line `until`, and take the picture."""
    script = (HOME / "tests" / "transcripts" / f"{transcript}.txt").read_text("utf-8").partition("\n")[2]
    await draw(chromium, name, script.partition(f"\n> {until}\n")[0], **more)


async def draw(
    chromium: Browser, name: str, *scripts: str, between: Callable[[House], Awaitable[None]] | None = None, **more: Any
) -> None:
    """Play what somebody does on a fresh house, `between` happening after the first part, and take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        async with House.on(f"sqlite:///{folder}/house.db", Path(folder)) as house:
            page = await chromium.new_page(**{"viewport": PHONE, "reduced_motion": "reduce", **more})
            await page.goto(house.url)
            for script in scripts:
                await play(page, script, house)
                if between is not None and script is scripts[0]:
                    await between(house)
            await page.mouse.move(0, 0)
            await page.evaluate("document.activeElement.blur()")
            await page.screenshot(path=HOME / "docs" / "pictures" / f"{name}.png")
            await page.close()


async def coaches_come(house: House) -> None:
    """Two coaches receive this week."""
    async with house.served.core.database.transaction() as db:
        for name, days in (("salma", (0, 2, 4)), ("karim", (1, 3))):
            hours = [(day, 9 * 60, 12 * 60) for day in days]
            await coaching.coach(db, name, house.clock.now(), "legal", "pitch", hours=hours, languages=["fr", "ar"])


async def an_application_comes(house: House) -> None:
    """Whoever is on the page becomes a reviewer, and has something to read."""
    core, now = house.served.core, house.clock.now()
    answers: dict[str, Any] = {
        "project_name": "Solar Souk",
        "full_name": "Salma Benali",
        "sector": ["green"],
        "market": "Les souks de l'Oriental, en commençant par Oujda.",
    }
    async with core.database.transaction() as db:
        here, _places, *_rest = (await people.listed(db))[0]
        await people.grant(db, here, "reviewer", now)
        founder = await people.add(db, "paper", "salma", now)
        asked: dict[str, Any] = {
            "complete": True,
            "promised_on": now.date() + timedelta(days=14),
            "now": now,
            "today": now.date(),
        }
        await applications.submit(db, founder, core.programme.programme, "OUJ", "project_holder", answers, [], **asked)


async def main() -> None:
    (HOME / "docs" / "pictures").mkdir(parents=True, exist_ok=True)
    async with browser() as chromium:
        await take(chromium, "eligibility-ar", "eligibility/ok.ar", "[the end]", locale="ar")
        await take(chromium, "review-fr", "application/project_holder.fr", "[Envoyer ma candidature]", locale="fr")
        await take(
            chromium,
            "application-ar-dark",
            "application/project_holder.ar",
            "{cv.pdf}",
            locale="ar",
            color_scheme="dark",
        )
        french = "> bonjour\n> [Français]\n> [J'accepte]"
        await draw(chromium, "booking-fr", french, "> /book\n> 1", between=coaches_come, locale="fr")
        await draw(
            chromium,
            "reading-fr",
            french,
            "> /queue\n> 1\n> [OUJ-2026-0001]",
            between=an_application_comes,
            locale="fr",
        )
        await take(chromium, "desk-en", "application/company.en", "[Send my application]", locale="en", viewport=DESK)


if __name__ == "__main__":
    asyncio.run(main())
