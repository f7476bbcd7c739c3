"""The one place where everything is put together."""

from __future__ import annotations

import asyncio
import gc
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from bot.clock import Clock
from bot.delivery.announcements import Announcements
from bot.delivery.chores import Chores, Reminders
from bot.delivery.sender import Sender
from bot.documents.store import FileStore
from bot.documents.uploads import Uploads
from bot.log import fault, log
from bot.route import Route
from bot.settings import HOME, Settings
from bot.turn import Turns
from handlers.contents import KINDS, Entry, chores, contents
from handlers.programme.load import load
from handlers.programme.model import Programme
from handlers.talk.words import Language, read_languages
from storage.database import Database, Hub

Table: TypeAlias = Callable[[Programme], Mapping[str, Entry]]


class Core:
    """What every way of running shares: the programme, the database, turns and delivery."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        table: Table = contents,
        programme: Programme | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.languages: Mapping[str, Language] = read_languages(HOME / "locales")
        self.programme = programme or load(settings.programme).model_copy(
            update={"home": settings.public_url or f"http://{settings.host}:{settings.port}"}
        )
        self.entries = table(self.programme)
        hub = Hub(self.programme.programme, next(iter(self.programme.sites)))
        self.database = Database(settings.database_url, hub=hub)
        self.store = FileStore(settings.files)
        self.uploads = Uploads(self.store, self.programme.form.largest_file * 2**20)
        owner = secrets.randbelow(2**31 - 1) + 1
        self.sender = Sender(self.database, self.clock, owner)
        route = Route(self.entries, self.programme, self.languages)
        self.reminders = Reminders(self.database, self.sender, self.clock, self.programme, self.languages, KINDS)
        self.chores = Chores(
            self.database,
            self.sender,
            self.clock,
            self.programme,
            self.languages,
            self.store,
            chores(self.programme),
        )
        self.announcements = Announcements(self.database, self.sender, self.clock, self.programme, self.languages)
        self.turns = Turns(self.database, route, self.languages, self.sender, self.store, self.clock, owner)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, *more: Callable[[], Awaitable[None]]) -> None:
        """Run turns and delivery in the background."""
        for work in (self.turns.run, self.sender.marking, self.sender.working, *more):
            self._tasks.append(asyncio.create_task(lasting(work), name=work.__qualname__))

    async def stop(self) -> None:
        """Let what is under way finish, then close."""
        await self.turns.close()
        await self.sender.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.database.close()


async def lasting(work: Callable[[], Awaitable[None]]) -> None:
    """Background work that must not end quietly."""
    try:
        await work()
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        log.critical("background work ended", work=work.__qualname__, **fault(error))
        raise


def settle_memory() -> None:
    """What is loaded now stays: collections, from here on, need not look at it, and need not come as often."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()
