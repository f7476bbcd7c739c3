"""What becomes of a table's rows when a person asks for a copy, is erased, or turns out to be somebody we know.

Each storage file declares the columns of its tables that name a person, as `PERSONAL`; `privacy` and `merging` walk them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from storage.database import Db

Forget: TypeAlias = Callable[
    [Db, int, datetime], Awaitable[Collection[str] | None]
]  # documents to be removed from disk
Yield: TypeAlias = Callable[[Db, int, int, datetime], Awaitable[None]]  # who stays, who goes


@dataclass(frozen=True, slots=True)
class Personal:
    """A column that names a person."""

    column: InstrumentedAttribute[Any]
    forget: Forget
    copies: Mapping[str, Select[*tuple[Any, ...]]] = field(
        default_factory=dict
    )  # what a copy of their data says of it, by its title
    yields: Yield | None = None  # when two people become one: what makes room, before the rows change hands
    changes_hands: bool = True


async def with_person(db: Db, person: int, now: datetime) -> None:
    """The rows go with the person, by their foreign key."""


async def number_stays(db: Db, person: int, now: datetime) -> None:
    """What is left is a number that names nobody."""


def deleted(column: InstrumentedAttribute[Any]) -> Forget:
    """The rows are deleted."""

    async def forget(db: Db, person: int, now: datetime) -> None:
        await db.execute(delete(column.class_).where(column == person))

    return forget


def blank(column: InstrumentedAttribute[Any], **values: Any) -> Forget:
    """The rows stay and name nobody; these values replace what they said."""

    async def forget(db: Db, person: int, now: datetime) -> None:
        await db.execute(update(column.class_).where(column == person).values({column.key: None, **values}))

    return forget


def one_for_each(column: InstrumentedAttribute[Any], other: InstrumentedAttribute[Any]) -> Yield:
    """Of two rows of the same `other`, only that of who stays."""

    async def yields(db: Db, stays: int, goes: int, now: datetime) -> None:
        held = select(other).where(column == stays)
        await db.execute(delete(column.class_).where(column == goes, other.in_(held)))

    return yields
