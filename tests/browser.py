"""A real browser: the Chromium or Chrome of this machine, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def find() -> str | None:
    """Where the browser is; None if there is none (tests/browser.sh tries to install one)."""
    return next((path for name in _NAMES if (path := shutil.which(name)) and Path(path).exists()), None)


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=find(), args=[*_QUIET, *(["--no-sandbox"] if root else [])])
        yield found
        await found.close()
