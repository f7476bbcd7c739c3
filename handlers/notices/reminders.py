"""Reminders as their rooms declare them, and what a due one says now, or why it is no longer said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeAlias, TypeVar

from handlers.actor import Actor
from handlers.notices.quiet_hours import outside_quiet_hours
from handlers.notices.tell import Notice, spoken
from handlers.programme.model import Programme
from handlers.talk.words import Text
from storage import purposes
from storage.database import Db
from storage.purposes import Purpose
from storage.reminders import Claimed

USEFUL = timedelta(minutes=20)  # a reminder nearer to its latest moment than this comes too late to help

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Kind(Generic[S]):
    """A kind of reminder, as its room declares it."""

    label: Text  # what /reminders calls it
    render: Callable[[Db, Programme, Claimed, S, datetime], Awaitable[Notice | str]]  # or the reason why it is skipped
    read: Callable[[Db, Collection[int]], Awaitable[Mapping[int, S]]] | None = (
        None  # what many of them are about, at once
    )
    latest: Callable[[S], datetime] | None = None  # when it is over: before that it may have to come in the quiet hours
    about: Callable[[Db, Programme, Claimed, datetime], Awaitable[tuple[int, ...]]] | None = (
        None  # whom else it tells of
    )
    may_be_muted: bool = False  # its receiver may say "do not remind me"


Kinds: TypeAlias = Mapping[str, Kind[Any]]


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed reminder with its message; without one, the reason why it is skipped, or when to try again."""

    id: int
    person: int
    purpose: str
    body: dict[str, Any] | None
    reason: str = ""
    again: datetime | None = None  # not now: people sleep
    about: tuple[int, ...] = ()  # others whom it tells of


async def render(db: Db, by: Actor, programme: Programme, kinds: Kinds, claimed: Sequence[Claimed]) -> list[Due]:
    """What each claimed reminder says now: rows are read again, so nothing is said of what changed meanwhile."""
    subjects = {
        name: await kind.read(db, {row.subject for row in claimed if row.kind == name})
        for name, kind in kinds.items()
        if kind.read is not None and any(row.kind == name for row in claimed)
    }
    return [
        await _due(db, by, programme, kinds.get(row.kind), row, subjects.get(row.kind, {}).get(row.subject))
        for row in claimed
    ]


async def _due(
    db: Db, by: Actor, programme: Programme, kind: Kind[Any] | None, row: Claimed, subject: object | None
) -> Due:
    # moved and due again, it is another one
    purpose = purposes.purpose(Purpose.REMINDER, row.id, int(row.due_at.timestamp()))
    latest = kind.latest(subject) if kind is not None and kind.latest is not None and subject is not None else None
    # what became late in the quiet hours waits for their end, unless it cannot
    at = outside_quiet_hours(programme.coaching, programme.zone, by.now, latest=latest and latest - USEFUL)
    if at > by.now:
        return Due(row.id, row.person, purpose, None, again=at)
    if kind is None:
        return Due(row.id, row.person, purpose, None, "unknown kind")
    if kind.read is not None and subject is None:
        return Due(row.id, row.person, purpose, None, "gone")
    try:
        notice = await kind.render(db, programme, row, subject, by.now)
    except (LookupError, TypeError, ValueError) as bug:  # one that cannot be said must not hold up the others
        return Due(row.id, row.person, purpose, None, f"fault: {type(bug).__name__}")
    if isinstance(notice, str):
        return Due(row.id, row.person, purpose, None, notice)
    body = spoken(by.languages, row.language, *notice)
    if latest is not None:  # held up on its way, it is not said of what is over
        body["until"] = latest.isoformat()
    about = await kind.about(db, programme, row, by.now) if kind.about is not None else ()
    return Due(row.id, row.person, purpose, body, about=about)
