"""Documents people send: counted while they stream, looked at in a process of their own, kept under a random name."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from bot.documents.store import FileStore
from handlers.talk.message import File
from handlers.talk.words import clean

SECONDS = 20  # for the whole inspection
NAMES = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}


class Refused(Exception):
    """A document that is not taken: `trouble` is one of the words of `handlers.talk.question.TROUBLES`."""

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class Uploads:
    """Takes documents in; at most two are inspected at once, so that a flood of them slows only itself."""

    def __init__(self, store: FileStore, largest: int) -> None:
        self.store = store
        self.largest = largest  # bytes
        self._room = asyncio.Semaphore(2)

    async def take(self, stream: AsyncIterator[bytes], name: str) -> File:
        """The document, safely kept. Refused if it is too large, of another type, locked, or not to be trusted."""
        with tempfile.TemporaryDirectory(prefix="mouwakib-") as folder:
            path = Path(folder) / "in"
            size = 0
            with path.open("wb") as file:
                async for chunk in stream:
                    size += len(chunk)
                    if size > self.largest:
                        raise Refused("size")
                    file.write(chunk)
            if not size:
                raise Refused("gone")
            async with self._room:
                kind = await _inspect(path)
            content = path.read_bytes()
            return File(await asyncio.to_thread(self.store.keep, content), tidy(name, kind), kind, len(content))


async def _inspect(path: Path) -> str:
    """The true type of a file, looked at by a child with little memory and little time (`bot.documents.inspect`)."""
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.documents.inspect",
        str(path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    try:
        said, _nothing = await asyncio.wait_for(child.communicate(), SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()
        raise Refused("unsafe") from None
    verdict, _space, detail = said.decode("utf-8", "replace").strip().partition(" ")
    if verdict != "ok" or detail not in NAMES:
        raise Refused(detail if verdict == "no" and detail else "unsafe")
    return detail


def tidy(name: str, kind: str) -> str:
    """A name safe to show and to save: the sender's words, our own ending."""
    stem = clean(name).replace("/", "_").replace("\\", "_").rsplit(".", 1)[0].strip(". ")
    return (stem[:60] or "document") + NAMES.get(kind, "")
