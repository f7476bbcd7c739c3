"""What every test stands on: pinned zone data, and a migrated database of its own on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# what is imported is compiled once, not again by every process that a test starts
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from bot.zone import use_pinned_zone_data  # noqa: E402

use_pinned_zone_data()

from storage import schema  # noqa: E402
from storage.database import Database  # noqa: E402
from tests import postgres  # noqa: E402
from tests.chat import Chat  # noqa: E402

# Laws are tried on the same examples everywhere, however slow the machine is: what passed here does not fail there.
settings.register_profile("house", deadline=None, derandomize=True, max_examples=250)
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what the bot says now into the transcripts")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--accept"))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    """A PostgreSQL server: the one of TEST_DATABASE_URL, or one from a Python package."""
    with postgres.server() as server:
        server.make_template()
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "empty.db"

    async def make() -> None:
        database = Database(f"sqlite:///{path}")
        await schema.upgrade(database)
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database: each test that asks for it runs on both."""
    yield from _database(request.param, request, tmp_path)


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty SQLite database, where the kind of database changes nothing."""
    yield from _database("sqlite", request, tmp_path)


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from _database("postgresql", request, tmp_path)


def _database(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if kind == "sqlite":
        path = tmp_path / "mouwakib.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: postgres.Server = request.getfixturevalue("postgresql")
    url = server.lend()
    yield url
    server.give_back(url)


@pytest.fixture
async def chat(database_url: str, tmp_path: Path) -> AsyncIterator[Chat]:
    """A paper founder on both databases."""
    async with Chat.on(database_url, tmp_path) as paper:
        yield paper


@pytest.fixture
async def sqlite_chat(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Chat]:
    """A paper founder on SQLite, where the kind of database changes nothing."""
    async with Chat.on(sqlite_url, tmp_path) as paper:
        yield paper


def pytest_make_parametrize_id(config: Any, val: object) -> str | None:
    return val.stem if isinstance(val, Path) else None
