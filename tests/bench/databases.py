"""Both databases for a bench: a SQLite file and a real PostgreSQL, each migrated and empty."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from bot.zone import use_pinned_zone_data

use_pinned_zone_data()

from storage import schema  # noqa: E402
from storage.database import Database  # noqa: E402
from tests import postgres  # noqa: E402
from tests.chat import Chat  # noqa: E402


@contextmanager
def urls(only: str = "") -> Iterator[dict[str, str]]:
    """The URLs by the kind of database; `only` one kind if it is named."""
    with tempfile.TemporaryDirectory() as folder:
        found = {"sqlite": f"sqlite:///{folder}/bench.db"} if only != "postgresql" else {}
        if only == "sqlite":
            yield found
            return
        with postgres.server() as server:
            server.make_template()
            yield {**found, "postgresql": server.create("bench")}


@asynccontextmanager
async def chat(url: str) -> AsyncIterator[Chat]:
    """A paper founder on a migrated database."""
    database = Database(url)
    await schema.upgrade(database)
    await database.close()
    with tempfile.TemporaryDirectory() as folder:
        async with Chat.on(url, Path(folder)) as found:
            yield found


def percentile(times: list[float], share: float) -> float:
    """The time in ms under which this share of them lies."""
    return 1000 * sorted(times)[min(len(times) - 1, int(len(times) * share))]
