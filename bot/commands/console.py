"""`mouwakib console`: the talk in this terminal, with the database of the settings."""

from __future__ import annotations

import asyncio
import getpass
import secrets
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from bot.app import Core
from bot.channels.console import Console
from bot.documents.uploads import Refused
from bot.settings import Settings
from handlers.talk.message import Incoming
from handlers.talk.words import OWN_NAMES
from storage import people, schema


async def talk(settings: Settings, language: str) -> None:
    """Read lines until the end of input; each is a message, @PATH a document."""
    core = Core(settings)
    console = Console()
    core.sender.add(console)
    await schema.upgrade(core.database)
    core.start()
    address = getpass.getuser()

    async def say(text: str) -> None:
        await core.turns.take(await _incoming(core, console.name, address, text, language))
        await core.sender.idle()

    async with core.database.reading() as db:
        new = not (person := await people.at(db, console.name, address)) or not await people.language_of(db, person)
    await say("/start")
    if language and new:
        await say(OWN_NAMES[language])
    async for line in _lines():
        await say(line)
    await core.stop()


async def _incoming(core: Core, channel: str, address: str, text: str, language: str) -> Incoming:
    id, now = secrets.token_hex(12), core.clock.now()
    if not text.startswith("@"):
        return Incoming(channel, address, id, now, text=text, language=language)
    path = Path(text[1:].strip()).expanduser()
    try:
        return Incoming(
            channel, address, id, now, "file", file=await core.uploads.take(_bytes(path), path.name), language=language
        )
    except Refused as refused:
        return Incoming(channel, address, id, now, "file", trouble=refused.trouble, language=language)
    except OSError:
        return Incoming(channel, address, id, now, "file", trouble="gone", language=language)


async def _bytes(path: Path) -> AsyncIterator[bytes]:
    yield path.read_bytes()


async def _lines() -> AsyncIterator[str]:
    """What is typed, line by line, until the input ends or a line is empty in a terminal."""
    while True:
        if sys.stdin.isatty():
            sys.stdout.write("\n> ")
            sys.stdout.flush()
        line = await asyncio.to_thread(sys.stdin.readline)
        if not line or (sys.stdin.isatty() and not line.strip()):
            return
        if line.strip():
            yield line.strip()
