"""`python -m tests.pictures` takes the README's pictures: real talks on the real page, in docs/pictures."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from bot.zone import use_pinned_zone_data

use_pinned_zone_data()

from tests.browser import browser, play  # noqa: E402
from tests.house import House  # noqa: E402

HOME = Path(__file__).parents[1]
PHONE = {"width": 390, "height": 800}
DESK = {"width": 1000, "height": 700}


async def take(chromium: Browser, name: str, transcript: str, until: str, **more: Any) -> None:
    """Play a transcript on a fresh house up to the line `until`, and take the picture."""
    script = (HOME / "tests" / "transcripts" / f"{transcript}.txt").read_text("utf-8").partition("\n")[2]
    with tempfile.TemporaryDirectory() as folder:
        async with House.on(f"sqlite:///{folder}/house.db", Path(folder)) as house:
            page = await chromium.new_page(**{"viewport": PHONE, "reduced_motion": "reduce", **more})
            await page.goto(house.url)
            await play(page, script.partition(f"\n> {until}\n")[0], house)
            await page.evaluate("document.activeElement.blur()")
            await page.screenshot(path=HOME / "docs" / "pictures" / f"{name}.png")
            await page.close()


async def main() -> None:
    (HOME / "docs" / "pictures").mkdir(parents=True, exist_ok=True)
    async with browser() as chromium:
        await take(chromium, "eligibility-ar", "eligibility/ok.ar", "[the end]", locale="ar")
        await take(chromium, "review-fr", "application/project_holder.fr", "[Envoyer ma candidature]", locale="fr")
        await take(chromium, "application-ar-dark", "application/project_holder.ar", "{cv.pdf}", locale="ar", color_scheme="dark")
        await take(chromium, "desk-en", "application/company.en", "[Send my application]", locale="en", viewport=DESK)


if __name__ == "__main__":
    asyncio.run(main())
