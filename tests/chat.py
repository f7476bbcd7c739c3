"""A paper founder: says, presses, sees. A transcript is the chat itself; playing it tells what the bot says now.

> bonjour                     what the founder types
> [Français]                  a button pressed, by its label
> {cv.pdf}                    a document sent (from tests/documents)
< Bonjour et bienvenue !      what the bot answers; its buttons below
  [J'accepte] [Je refuse] (Retour)
karim> /answer 1              somebody else, by name; karim< what they are told
@ 3 days later                the clock moves
@ karim is staff              somebody gets a role
@ restart                     the process dies and starts again
# a remark
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.app import Core, Table
from bot.channels.base import Body, Outcome, Part, Sent
from bot.clock import Clock
from bot.settings import Settings
from handlers.contents import contents
from handlers.programme.load import load
from handlers.programme.model import Programme
from handlers.talk.message import File, Incoming
from storage import people
from storage.database import Database
from storage.people import at

DOCUMENTS = Path(__file__).parent / "documents"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
FOUNDER = ""


class PaperClock(Clock):
    """Stands still until it is moved."""

    def __init__(self, start: datetime = START) -> None:
        self.time = start

    def now(self) -> datetime:
        return self.time

    def pass_(self, **units: float) -> None:
        self.time += timedelta(**units)


class Paper:
    """A channel that writes everything down."""

    name = "paper"

    def __init__(self) -> None:
        self.sent: list[tuple[str, Part]] = []
        self.next: list[Outcome] = []  # outcomes to give instead of "sent", first come first served

    def fit(self, body: Body) -> list[Part]:
        return [body]

    async def send(self, address: str, part: Part) -> Outcome:
        if self.next:
            return self.next.pop(0)
        self.sent.append((address, part))
        return Sent(f"{address}:{len(self.sent)}")

    async def open(self) -> None: ...

    async def close(self) -> None: ...


class Chat:
    """Everything behind the paper channel is the real thing: turns, database, outbox, delivery."""

    def __init__(self, settings: Settings, clock: PaperClock, table: Table = contents) -> None:
        self.settings = settings
        self.clock = clock
        self.table = table
        self.paper = Paper()
        self.core: Core
        self.count = 0
        self.buttons: dict[str, list[dict[str, Any]]] = {}
        self.twice = False  # deliver every message twice
        self.reborn = False  # restart before every message
        self._running: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def on(cls, url: str, folder: Path, *, table: Table = contents, **more: Any) -> AsyncIterator[Chat]:
        settings = Settings(_env_file=None, database_url=url, files=folder / "files", **more)
        chat = cls(settings, PaperClock(), table)
        await chat.start()
        try:
            yield chat
        finally:
            await chat.stop()

    async def start(self) -> None:
        self.core = Core(self.settings, self.clock, self.table, programme(self.settings))
        trusting_the_machine(self.core.database)
        self.core.sender.add(self.paper)
        self.core.sender.active.add(self.paper.name)
        self._running = asyncio.create_task(self.core.turns.run())

    async def stop(self) -> None:
        assert self._running is not None
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.core.stop()

    async def restart(self) -> None:
        """As if the process had ended between two turns: nothing is remembered but the database."""
        await self.stop()
        await self.start()

    # one message ----------------------------------------------------------------------------------------------------

    async def say(self, text: str, who: str = FOUNDER) -> list[Part]:
        """Type something; what the bot answers to this person, and only to them."""
        return await self.give(self.incoming(who, text=text), who)

    async def press(self, label: str, who: str = FOUNDER) -> list[Part]:
        """Press the newest button with this label. KeyError, with what there is, if no button bears it."""
        for button in reversed(self.buttons.get(who, [])):
            if label_of(button) == label:
                return await self.give(self.incoming(who, kind="press", text=label, press=button["carries"]), who)
        raise KeyError(f"no button [{label}] among {[label_of(button) for button in self.buttons.get(who, [])][-12:]}")

    async def send(self, name: str, who: str = FOUNDER, **more: Any) -> list[Part]:
        """Send a document; one that is missing in tests/documents is a short text that claims to be a PDF."""
        path = DOCUMENTS / name
        content = path.read_bytes() if path.exists() else b"%PDF-1.4 paper"
        file = File(self.core.store.keep(content), name, "application/pdf", len(content))
        return await self.give(self.incoming(who, kind="file", file=file, **more), who)

    async def give(self, incoming: Incoming, who: str = FOUNDER) -> list[Part]:
        if self.reborn:
            await self.restart()
        before = len(self.paper.sent)
        await self.core.turns.take(incoming)
        await self.settle()
        if self.twice:
            heard = len(self.paper.sent)
            await self.core.turns.take(incoming)
            await self.settle()
            assert len(self.paper.sent) == heard, "a message delivered twice was answered twice"
        return [part for address, part in self.paper.sent[before:] if address == (who or "founder")]

    async def settle(self) -> None:
        """Until nothing is due any more."""
        await self.core.turns.close()
        await self.core.reminders.remind()
        while True:
            await self.core.sender.idle()
            before = len(self.paper.sent)
            await self.core.sender.look()
            await self.core.sender.idle()
            if len(self.paper.sent) == before:
                break
        for address, part in self.paper.sent[self.count :]:
            who = FOUNDER if address == "founder" else address
            self.buttons.setdefault(who, []).extend(part.get("buttons", ()))
        self.count = len(self.paper.sent)

    def incoming(self, who: str = FOUNDER, **more: Any) -> Incoming:
        self.clock.pass_(seconds=20)
        self.numbered = getattr(self, "numbered", 0) + 1
        return replace(
            Incoming("paper", who or "founder", f"m{self.numbered}", self.clock.now(), name=who.capitalize()), **more
        )

    async def person(self, who: str = FOUNDER) -> int | None:
        async with self.core.database.reading() as db:
            return await at(db, "paper", who or "founder")

    # transcripts ----------------------------------------------------------------------------------------------------

    async def play(self, script: str) -> str:
        """The transcript with what the bot says now after each line of a person."""
        told: list[str] = []
        for line in script.splitlines():
            if found := re.match(r"(\w*)> (.*)", line):
                told += [line, *await self._heard(found[1], found[2])]
            elif line.startswith("@ "):
                told += [line, *await self._event(line[2:])]
            elif line.startswith("#"):
                told.append(line)
        return "\n".join(told).rstrip() + "\n"

    async def _heard(self, who: str, said: str) -> list[str]:
        before = len(self.paper.sent)
        if found := re.fullmatch(r"\[(.*)\]", said):
            await self.press(found[1], who)
        elif found := re.fullmatch(r"\{(.*)\}", said):
            await self.send(found[1], who)
        else:
            await self.say(said, who)
        return [
            line
            for address, part in self.paper.sent[before:]
            for line in shown("" if address == "founder" else address, part)
        ]

    async def _event(self, event: str) -> list[str]:
        before = len(self.paper.sent)
        if found := re.fullmatch(r"(\d+) (minute|hour|day)s? later", event):
            self.clock.pass_(**{f"{found[2]}s": int(found[1])})
        elif found := re.fullmatch(r"(\w+) is (\w+)", event):
            async with self.core.database.transaction() as db:
                known = await people.at(db, "paper", found[1])
                await people.grant(
                    db, known or await people.add(db, "paper", found[1], self.clock.now()), found[2], self.clock.now()
                )
        elif found := re.fullmatch(r"(\w+) uses the invitation", event):
            code = [
                code
                for _address, part in self.paper.sent
                for code in re.findall(r"/join (\S+?)\u2069?$", part["text"], re.MULTILINE)
            ][-1]
            await self.say(f"/join {code}", found[1])
        elif found := re.fullmatch(r"(\w+) sends the code", event):
            code = [
                code for _address, part in self.paper.sent for code in re.findall(r"MK(?:-\w{4}){3}", part["text"])
            ][-1]
            await self.say(code, found[1])
        elif event == "restart":
            await self.restart()
        elif event == "offers":
            await self.core.chores.run("offers")
        elif event == "announcements":
            while going := await self.core.announcements.look():
                await self.core.announcements.work(self.paper.name, going)
                await self.core.sender.idle()
        elif event == "waiting":
            await self.core.chores.run("waiting")
        elif event == "nudges":
            await self.core.chores.run("nudges")
        else:
            raise ValueError(f"no such event: {event}")
        await self.settle()
        return [
            line
            for address, part in self.paper.sent[before:]
            for line in shown("" if address == "founder" else address, part)
        ]


@cache
def _read(path: Path, home: str) -> Programme:
    return load(path).model_copy(update={"home": home})


def programme(settings: Settings) -> Programme:
    """The one of the settings; its file stays the same for a whole test run, and is read once."""
    return _read(settings.programme, settings.public_url or f"http://{settings.host}:{settings.port}")


def trusting_the_machine(database: Database) -> None:
    """SQLite need not wait for the disk: no power fails in a test that kills no process, and most of its time went there."""

    def connected(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()

    if database.sqlite:
        event.listen(database.engine.sync_engine, "connect", connected)


def plain(text: str) -> str:
    """Without the marks of direction, which only screens need."""
    return re.sub("[\u2066-\u2069]", "", text)


def label_of(button: dict[str, Any]) -> str:
    return plain(str(button["label"]))


def shown(who: str, part: Part) -> list[str]:
    """A message as the transcript shows it."""
    text = re.sub(r"join([ -])[\w-]{24}", r"join\1CODE", plain(part["text"]))
    text = re.sub(r"MK(-\w{4}){3}", "MK-CODE", text)
    first, *rest = text.split("\n")
    told = [f"{who}< {first}", *(f"  {line}".rstrip() for line in rest)]
    buttons = part.get("buttons", [])
    if buttons:
        told.append("  " + " ".join(f"({label_of(b)})" if b.get("aside") else f"[{label_of(b)}]" for b in buttons))
    if "file" in part:
        told.append(f"  {{{part['file'][1]}}}")
    return told
