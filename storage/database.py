"""One engine and one `transaction()`: SQLite and PostgreSQL made to behave alike."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias, TypeVar

from pydantic_core import from_json, to_json
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage import Conflict, Unavailable

T = TypeVar("T")
Db: TypeAlias = AsyncConnection  # what conversations and queries are given

CONNECT_S, STATEMENT_S, LOCK_S = 2, 5, 2  # a frozen server must not freeze us


def engine_url(url: str | URL) -> URL:
    """The URL with our drivers: `postgresql://` and `sqlite:///` need not name them. ValueError if it is another database."""
    found = make_url(url)
    match found.get_backend_name():
        case "postgresql":
            return found.set(drivername="postgresql+asyncpg")
        case "sqlite":
            return found.set(drivername="sqlite+aiosqlite")
        case other:
            raise ValueError(f"{other} is not a database we know: sqlite or postgresql")


class Hub(NamedTuple):
    """An installation's own programme and site, by their codes in the programme file."""

    programme: str
    site: str


NO_HUB = Hub("", "")


class Database:
    """The engine, and the one place where transactions begin and end."""

    def __init__(self, url: str | URL, *, hub: Hub = NO_HUB, pool: int = 10, patient: bool = False) -> None:
        """`hub`: whose rows these are, where a row names no other. `patient`: a statement may take as long as it needs, as the
        steps of an upgrade do."""
        self.hub = hub
        self.url = engine_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {
            "execution_options": hub._asdict(),
            "json_serializer": dumps,
            "json_deserializer": from_json,
            "hide_parameters": True,
        }
        if self.sqlite:
            self.engine: AsyncEngine = create_async_engine(self.url, **options)
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            settings = {"timezone": "UTC", "jit": "off"}
            connect: dict[str, Any] = {"server_settings": settings, "timeout": CONNECT_S}
            if not patient:
                settings |= {"statement_timeout": f"{STATEMENT_S}s", "lock_timeout": f"{LOCK_S}s"}
                connect["command_timeout"] = STATEMENT_S + 1
            self.engine = create_async_engine(
                self.url, pool_size=pool, max_overflow=pool, pool_timeout=5, connect_args=connect, **options
            )
        self._writer = asyncio.Lock()  # on SQLite writers queue here in order, not in its busy loop
        self._kept: AsyncConnection | None = None  # and share one connection: it knows its statements and its pages

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Db]:
        """A write transaction: committed at the end, rolled back on any error. Unavailable if the database is away,
        Conflict if it gave way to another one."""
        if not self.sqlite:
            with _understood():
                async with self.engine.begin() as connection:
                    yield connection
            return
        async with self._writer:
            with _understood():
                connection, self._kept = self._kept or await self.engine.connect(), None
                try:
                    async with connection.begin():
                        yield connection
                    self._kept = connection
                finally:
                    if self._kept is None:  # whatever state it is in, the next writer begins with another
                        await asyncio.shield(asyncio.create_task(connection.close()))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Db]:
        """A connection for queries only; on SQLite it does not queue behind writers. Unavailable as above."""
        with _understood():
            async with self.engine.connect() as connection:
                yield await connection.execution_options(reading=True)

    def look(self) -> None:
        """Unavailable if an SQLite file cannot be opened. Its driver would find that out in a thread of its own, which may
        answer when the loop is closed already, with a traceback nobody can mend."""
        if self.sqlite and "uri" not in self.url.query:
            with _understood():
                sqlite3.connect(self.url.database or ":memory:").close()

    async def close(self) -> None:
        if self._kept is not None:
            await self._kept.close()
            self._kept = None
        await self.engine.dispose()


async def in_its_thread(db: Db, work: Callable[[sqlite3.Connection], T]) -> T:
    """Run a function with SQLite's own connection, in the thread it belongs to: one hand-over, whatever the function does."""
    driver: Any = (await db.get_raw_connection()).driver_connection
    found: T = await driver._execute(
        work, driver._conn
    )  # aiosqlite's own way; what it offers is one statement at a time
    return found


_AWAY = (OperationalError, InterfaceError, PoolExhausted, sqlite3.OperationalError, OSError, TimeoutError)
_AWAY_STATES = ("08", "53", "55", "57", "58")  # connection, resources, locks, shutdown and time-outs, the machine
_GAVE_WAY = "40"  # a deadlock, a serialization failure


@contextmanager
def _understood() -> Iterator[None]:
    """What the drivers raise, through SQLAlchemy or past it, as Unavailable or Conflict; a mistake of ours as it is."""
    try:
        yield
    except Exception as error:
        cause = getattr(error, "orig", None) or error
        state = getattr(cause, "sqlstate", None) or ""
        if state.startswith(_GAVE_WAY):
            raise Conflict from error
        if isinstance(cause.__cause__, ValueError):  # asyncpg cannot send a value: it would never go better
            raise
        closed = type(cause).__module__.startswith("asyncpg") and type(cause).__name__ == "InterfaceError"
        if (
            closed
            or state.startswith(_AWAY_STATES)
            or getattr(error, "connection_invalidated", False)
            or isinstance(error, _AWAY)
        ):
            raise Unavailable(type(cause).__name__) from error
        raise


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "cache_size=-32768",
        "wal_autocheckpoint=4000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    # a read that later writes would lose updates or fail as busy: writers take the lock at once
    begin = "BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE"
    # SQLAlchemy's cursor would be handed over three times
    connection.connection.run_async(lambda driver: driver._execute(driver._conn.execute, begin))


def dumps(value: Any) -> str:
    return to_json(value).decode()


def stamp(moment: datetime) -> str:
    """An instant as both databases read it from JSON: UTC, to the microsecond."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(" ", "microseconds")[:26]


def instant(kept: Any) -> datetime:
    """The aware instant of a raw column: PostgreSQL gives a datetime, SQLite the text of `stamp`."""
    if isinstance(kept, datetime):
        return kept
    return datetime.fromisoformat(kept).replace(tzinfo=UTC)
