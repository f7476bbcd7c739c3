"""A real browser: the Chromium or Chrome of this machine, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.house import PDF, House

PATIENCE_MS = 300_000  # as of `tests.telegram_hook`
expect.set_options(timeout=PATIENCE_MS)
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """Where the browser is; None if there is none (tests/browser.sh tries to install one)."""
    return next((path for name in _NAMES if (path := shutil.which(name)) and Path(path).exists()), None)


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(
            executable_path=find(), args=[*_QUIET, *(["--no-sandbox"] if root else [])]
        )
        yield found
        await found.close()


async def play(page: Page, script: str, house: House) -> None:
    """Do on the page what a founder does in a transcript, each answer after the question before it was shown."""
    for line in script.splitlines():
        if not line.startswith("> "):
            continue
        said = line.removeprefix("> ")
        house.clock.by += timedelta(seconds=1)
        heard = await page.locator("#talk li.ours").count()
        if said.startswith("["):
            await page.get_by_role("button", name=said[1:-1], exact=True).last.click()
        elif said.startswith("{"):
            await page.locator("#files").set_input_files(
                {"name": said[1:-1], "mimeType": "application/pdf", "buffer": PDF}
            )
        else:
            await page.get_by_role("textbox").fill(said)
            await page.keyboard.press("Enter")
        await expect(page.locator("#talk li.ours")).not_to_have_count(heard)
