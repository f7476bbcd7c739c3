"""Waiting lines: what comes free is offered to the next in line, held for them until a moment, and answered once.

A room says what is free for whom, and how an offer is told; who comes next, how long it is held and what becomes of one
that nobody answers is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from handlers.actor import Actor
from handlers.notices.tell import Notice, tell
from storage import waits
from storage.database import Db
from storage.waits import Held, Line, Wait

HELD_FOR = timedelta(minutes=30)
MOST_OFFERS = 3  # unanswered, and somebody is no longer in the line

Skipped: TypeAlias = Literal["nothing is free for them", "nowhere to reach them"]


@dataclass(frozen=True, slots=True)
class Offer:
    """What is held for somebody, and how they are told."""

    held: Held
    notice: Notice


@dataclass(slots=True)
class Round:
    """What became of everybody who waited with nothing held, by the number of their wait."""

    offered: list[int] = field(default_factory=list)
    skipped: dict[int, Skipped] = field(default_factory=dict)


async def lapse(db: Db, clock: Actor, room: str, lost: Callable[[Line, bool], Notice]) -> None:
    """Take back what nobody answered in time; `lost` is what each is told: they stay in their line, or have left it."""
    for wait, stays in await waits.lapsed(db, room, clock.now, MOST_OFFERS):
        await tell(db, clock, wait.person, *lost(wait.line, stays))


async def offer(db: Db, clock: Actor, room: str, free: Callable[[Wait, datetime], Awaitable[Offer | None]]) -> Round:
    """Offer what is free in a room's lines, first come first served; whoever is passed over has a reason.

    `free`: what is free for somebody now, and stays so until the end of the transaction, to be held until a moment.
    """
    done = Round()
    for wait in await waits.next_in_line(db, room):
        found = await free(wait, clock.now + HELD_FOR)
        if found is None:
            done.skipped[wait.id] = "nothing is free for them"
            continue
        await waits.hold(db, wait.id, found.held)
        if await tell(db, clock, wait.person, *found.notice, purpose=_purpose(wait, found.held, clock.now)):
            done.offered.append(wait.id)
        else:
            await waits.let_go(db, wait.id, clock.now)
            done.skipped[wait.id] = "nowhere to reach them"
    return done


def _purpose(wait: Wait, held: Held, now: datetime) -> str:
    begins = int(held.starts_at.timestamp()) if held.starts_at is not None else 0
    return f"offer:{wait.id}:{begins}:{int(now.timestamp())}"
