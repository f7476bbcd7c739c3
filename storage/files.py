"""Which documents people sent. The bytes lie in the file folder, under the same random name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from storage.database import Db
from storage.tables import FileRow


async def keep(db: Db, person: int, id: str, name: str, kind: str, size: int, now: datetime) -> None:
    """Note a document as theirs."""
    row = {"id": id, "person_id": person, "name": name, "kind": kind, "size": size, "at": now}
    await db.execute(insert(FileRow).values(**row))


async def total(db: Db, person: int) -> int:
    """Bytes kept for one person."""
    return int(await db.scalar(select(func.coalesce(func.sum(FileRow.size), 0)).where(FileRow.person_id == person)) or 0)


async def known(db: Db, ids: Iterable[str]) -> set[str]:
    """Those of the names that belong to a row."""
    return set(await db.scalars(select(FileRow.id).where(FileRow.id.in_(list(ids)))))


async def one(db: Db, person: int, id: str) -> Any:
    """A person's own document by its name: name, kind, size; None if it is not theirs."""
    query = select(FileRow.name, FileRow.kind, FileRow.size).where(FileRow.id == id, FileRow.person_id == person)
    return (await db.execute(query)).first()


async def listed(db: Db, person: int) -> Sequence[Any]:
    """A person's documents: id, name, kind, size."""
    return (await db.execute(select(FileRow.id, FileRow.name, FileRow.kind, FileRow.size).where(FileRow.person_id == person))).all()
