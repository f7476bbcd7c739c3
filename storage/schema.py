"""The schema, made and upgraded step by step by Alembic."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from storage.database import NO_HUB, Database, Hub

HEAD = "0009"  # the newest step in migrations/versions
_LOCK = 0x6D6F77


class Newer(Exception):
    """The database was upgraded by a newer version; the message is the mend, in one line."""


async def upgrade(database: Database) -> bool:
    """Bring the database to the newest step; True if anything was done. Several processes may try at once.

    Newer if it is ahead of this version: what it holds could not be read, and is never downgraded.
    """
    if database.sqlite:
        database.look()
        return await _upgrade(database)
    patient = Database(
        database.url, hub=database.hub, patient=True
    )  # an index of millions of rows takes longer than a bot may wait for an answer
    try:
        return await _upgrade(patient)
    finally:
        await patient.close()


async def _upgrade(database: Database) -> bool:
    async with database.transaction() as db:
        if db.dialect.name == "postgresql":
            await db.execute(text("SET LOCAL lock_timeout = '60s'"))
            await db.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        found = await db.run_sync(step)
        if found > HEAD:
            raise Newer(
                f"MOUWAKIB_DATABASE_URL: the database is at step {found}, newer than this version ({HEAD}): install the newer version again"
            )
        if found == HEAD:
            return False
        await db.run_sync(_run, "head", database.hub)
    return True


def step(connection: Connection) -> str:
    """The step the database is at; "" for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")


def _run(connection: Connection, target: str, hub: Hub) -> None:
    from alembic import command

    command.upgrade(config(connection, hub), target)


def config(connection: Connection, hub: Hub = NO_HUB) -> Any:
    """Alembic's settings for a connection that is already open; `hub` is whose the rows of older steps are."""
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    found.attributes |= {"connection": connection, "hub": hub}
    return found
