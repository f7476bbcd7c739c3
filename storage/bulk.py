"""Statements of many rows at once, as the database driver takes them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any

from pydantic_core import from_json

from storage.database import Db, dumps, in_its_thread


class Statement:
    """One statement in two dialects, reading its rows (`@rows`, as `r`) from parameters; `@among(table.key, r.key)` helps
    the planner to those rows.

    PostgreSQL takes them as one JSON document, so the statement is the same text for one turn and for a hundred and
    is prepared once. SQLite prepares in microseconds but reads JSON slowly: it takes them as VALUES.
    """

    def __init__(self, columns: str, statement: str, *, locking: str = "") -> None:
        self._names = [column.split()[0] for column in columns.split(", ")]
        rows = f"json_to_recordset($1) AS r({columns})"
        self._sqlite = re.sub(r"@among\([^)]*\)", "true", statement)
        # PostgreSQL guesses a hundred rows in any JSON and would read a whole table for them: an array it looks up
        among = re.sub(r"@among\((\S+), (\S+)\)", r"\1 = ANY(ARRAY(SELECT \2 FROM @rows))", statement)
        self._postgresql = among.replace("@rows", rows) + locking
        self._sized: dict[int, str] = {}  # SQLite's text by the number of rows

    async def run(self, db: Db, rows: Sequence[dict[str, Any]]) -> Sequence[Any]:
        """What the statement returns for these rows; nothing is run for none."""
        if not rows:
            return ()
        if db.dialect.name == "sqlite":
            return await in_its_thread(db, partial(self.at_once, rows=rows))
        driver: Any = (await db.get_raw_connection()).driver_connection
        found: Sequence[Any]
        if driver.is_in_transaction():
            found = await driver.fetch(self._postgresql, dumps(rows))  # the driver's own way costs half as much
        else:  # SQLAlchemy begins the transaction with its first statement
            result = await db.exec_driver_sql(self._postgresql, (dumps(rows),))
            found = result.all() if result.returns_rows else ()
        return found

    def at_once(self, connection: sqlite3.Connection, rows: Sequence[dict[str, Any]]) -> Sequence[Any]:
        """The same on SQLite, in its thread."""
        if not rows:
            return ()
        given = [_plain(row[name]) for row in rows for name in self._names]
        return connection.execute(self._for(len(rows)), given).fetchall()

    @staticmethod
    async def together(db: Db, steps: Sequence[tuple[Statement, Sequence[dict[str, Any]]]]) -> Sequence[Any]:
        """Run statements that do not read each other's rows; what the last one returns. PostgreSQL does it in one round
        trip, SQLite in one hand-over."""
        steps = [step for step in steps if step[1]]
        if db.dialect.name == "sqlite":

            def all_of_them(connection: sqlite3.Connection) -> Sequence[Any]:
                last: Sequence[Any] = ()
                for statement, rows in steps:
                    last = statement.at_once(connection, rows)
                return last

            return await in_its_thread(db, all_of_them)
        driver: Any = (await db.get_raw_connection()).driver_connection
        found: Sequence[Any] = ()
        if driver.is_in_transaction() and len(steps) > 1:
            parts = [statement._postgresql.replace("$1", f"${at}") for at, (statement, _rows) in enumerate(steps, 1)]
            before = ", ".join(f"step{at} AS ({part})" for at, part in enumerate(parts[:-1]))
            return await driver.fetch(f"WITH {before} {parts[-1]}", *(dumps(rows) for _statement, rows in steps))  # type: ignore[no-any-return]
        for statement, rows in steps:
            found = await statement.run(db, rows)
        return found

    def _for(self, count: int) -> str:
        """The statement for so many rows; nothing but this file's own text goes into it."""
        if count not in self._sized:
            row = f"({', '.join('?' * len(self._names))})"
            values = f"(SELECT {', '.join(f'column{at} AS {name}' for at, name in enumerate(self._names, 1))} FROM (VALUES {', '.join([row] * count)})) AS r"  # noqa: S608
            self._sized[count] = self._sqlite.replace("@rows", values)
        return self._sized[count]


def _plain(value: Any) -> Any:
    return dumps(value) if isinstance(value, dict | list) else value


def as_json(kept: Any) -> Any:
    return from_json(kept) if isinstance(kept, str | bytes) else kept
