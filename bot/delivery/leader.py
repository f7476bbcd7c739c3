"""Who is alive and who sends: advisory locks on PostgreSQL, a locked file beside the database on SQLite.

Platforms limit by account, so one process at a time works the outbox of a channel; when it dies its locks fall, and
another takes over within seconds. What the dead one was sending is then settled.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

from bot.clock import Clock
from bot.delivery.sender import Sender
from bot.log import fault, log
from storage import Unavailable, outbox
from storage.database import Database

LOOK_S = 2.0
_ALIVE, _ACTIVE = 0x6D6F75, 0x6D6F76  # the two spaces of our advisory locks


class Leader:
    """Keeps `sender.active` true to the locks this process holds; wakes whoever waits for what other processes did."""

    def __init__(
        self, database: Database, sender: Sender, clock: Clock, accounts: dict[str, str], heard: Callable[[str], None]
    ) -> None:
        self.database = database
        self.sender = sender
        self.clock = clock
        self.accounts = accounts  # channel -> what its platform limits by, e.g. the bot's id
        self.heard = heard
        self._connection: Any = None
        self._file: int | None = None

    async def run(self) -> None:
        """Look every two seconds until cancelled."""
        while True:
            await self.beat()
            await asyncio.sleep(LOOK_S)

    async def beat(self) -> None:
        """Look once; whoever cannot look no longer sends."""
        try:
            await self.look()
        except (Unavailable, OSError, TimeoutError) as error:
            self._let_go(error)
        except Exception as error:
            self._let_go(error)
            log.error("watch failed", **fault(error))

    async def look(self) -> None:
        """Take what locks are free, and settle what the dead left. Unavailable if the database is away."""
        await (self._look_sqlite() if self.database.sqlite else self._look_postgresql())
        await self.sender.recover()
        if not self.sender.active:
            return
        channels = sorted(self.sender.active)
        async with self.database.reading() as db:
            owners = await outbox.owners(db, channels)
        for owner in owners:
            if owner != self.sender.owner and await self._dead(owner):
                await self.sender.settle(owner, channels, self.clock.now())

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
        if self._file is not None:
            os.close(self._file)

    def _let_go(self, error: BaseException) -> None:
        if self.sender.active and not self.database.sqlite:
            log.warning("no longer sending: the database is away", **fault(error))
            self.sender.active.clear()
        if self._connection is not None:
            self._connection.terminate()  # its locks must fall, or we would wait for ourselves
            self._connection = None

    # SQLite: one serving process ------------------------------------------------------------------------------------

    async def _look_sqlite(self) -> None:
        if self._file is None:
            self._file = lock_file(self.database)
        self.sender.active |= set(self.accounts)

    # PostgreSQL -----------------------------------------------------------------------------------------------------

    async def _look_postgresql(self) -> None:
        if self._connection is None or self._connection.is_closed():
            self.sender.active.clear()
            self._connection = await self._connect()
        await self._connection.fetchval("SELECT 1")
        for channel, account in self.accounts.items():
            if channel not in self.sender.active and await self._try(_ACTIVE, crc32(f"{channel}:{account}".encode())):
                self.sender.active.add(channel)
                log.info("sending", channel=channel)

    async def _connect(self) -> Any:
        """A connection of our own for locks and LISTEN: it lives as long as this process."""
        import asyncpg

        url = self.database.url
        host = url.host or url.query.get("host")
        connection = await asyncpg.connect(
            host=host,
            port=url.port,
            user=url.username,
            password=url.password,
            database=url.database,
            timeout=2,
            command_timeout=5,
        )
        try:
            await connection.fetchval("SELECT pg_advisory_lock($1::int, $2::int)", _ALIVE, self.sender.owner)
            await connection.add_listener(outbox.CHANGED, self._listened)
        except BaseException:
            connection.terminate()
            raise
        return connection

    def _listened(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        self.sender.wake()
        self.heard(payload)

    async def _try(self, space: int, key: int) -> bool:
        signed = key - 2**32 if key >= 2**31 else key
        return bool(await self._connection.fetchval("SELECT pg_try_advisory_lock($1::int, $2::int)", space, signed))

    async def _dead(self, owner: int) -> bool:
        """Whether no living process holds this owner's lock."""
        if self.database.sqlite:
            return True  # the file lock says there is no other
        if not await self._try(_ALIVE, owner):
            return False
        await self._connection.fetchval("SELECT pg_advisory_unlock($1::int, $2::int)", _ALIVE, owner)
        return True


class AlreadyServed(Exception):
    """Another process serves this SQLite file."""


def lock_file(database: Database) -> int:
    """Hold the file that says this SQLite database is served. AlreadyServed if another process holds it."""
    path = Path(f"{database.url.database}.lock")
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise AlreadyServed from None
    return file
