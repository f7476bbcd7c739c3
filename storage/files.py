"""Which documents people sent. The bytes lie in the file folder, under the same random name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, func, insert, select

from storage.database import Db
from storage.personal import Personal
from storage.tables import FileRow, OutboxRow


class StoredFile(NamedTuple):
    """A document that somebody sent."""

    id: str
    name: str
    kind: str  # MIME type, read from the bytes
    size: int  # bytes


_COLUMNS = (FileRow.id, FileRow.name, FileRow.kind, FileRow.size)


async def keep(db: Db, person: int, id: str, name: str, kind: str, size: int, now: datetime) -> None:
    """Note a document as theirs."""
    row = {"id": id, "person_id": person, "name": name, "kind": kind, "size": size, "at": now}
    await db.execute(insert(FileRow).values(**row))


async def total(db: Db, person: int) -> int:
    """Bytes kept for one person."""
    return int(
        await db.scalar(select(func.coalesce(func.sum(FileRow.size), 0)).where(FileRow.person_id == person)) or 0
    )


async def known(db: Db, ids: Iterable[str]) -> set[str]:
    """Those of the names that belong to a row."""
    return set(await db.scalars(select(FileRow.id).where(FileRow.id.in_(list(ids)))))


async def readable(db: Db, person: int, id: str) -> StoredFile | None:
    """A document by its name, if it is theirs or was sent to them."""
    received = exists().where(OutboxRow.person_id == person, OutboxRow.body["file"][0].as_string() == id)
    query = select(*_COLUMNS).where(FileRow.id == id, (FileRow.person_id == person) | received)
    row = (await db.execute(query)).first()
    return StoredFile(*row) if row is not None else None


async def several(db: Db, ids: Iterable[str]) -> list[StoredFile]:
    """Documents by their names, the oldest first."""
    query = select(*_COLUMNS).where(FileRow.id.in_(list(ids))).order_by(FileRow.at, FileRow.id)
    return [StoredFile(*row) for row in await db.execute(query)]


async def _forget(db: Db, person: int, now: datetime) -> list[str]:
    """The rows go with the person, the documents from disk."""
    return list(await db.scalars(select(FileRow.id).where(FileRow.person_id == person)))


PERSONAL = (
    Personal(FileRow.person_id, _forget, {"files": select(FileRow.name, FileRow.kind, FileRow.size, FileRow.at)}),
)
