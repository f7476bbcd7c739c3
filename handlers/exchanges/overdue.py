"""Founders whom nobody on the team has answered within the promised time."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.actor import Actor
from handlers.exchanges import commands
from handlers.notices.tell import Notice, tell_team
from handlers.programme.model import Programme
from handlers.talk.words import _
from storage import exchanges
from storage.database import Db


async def remind_team(db: Db, by: Actor, programme: Programme) -> int:
    """Tell the team, once, of each exchange that waits too long; how many there are."""
    late = by.now - timedelta(minutes=programme.team.answer_within)
    waiting = await exchanges.overdue(db, late, by.now)
    for exchange, person, since in waiting:
        notice = nobody_has_answered(exchange, since.astimezone(programme.zone))
        await tell_team(db, by, *notice, purpose=f"overdue:{exchange}", about=person)
    return len(waiting)


def nobody_has_answered(exchange: int, since: datetime) -> Notice:
    """To the team; `since` in local time."""
    return Notice(
        _("Nobody has answered no. {n} yet; they have been waiting since {moment}.", n=exchange, moment=since),
        [(_("Answer"), commands.answer(exchange)), (_("I take care of it"), commands.take(exchange))],
    )


def notices(programme: Programme) -> list[Notice]:
    """Each of them, with samples for its parts."""
    return [nobody_has_answered(17, datetime(2026, 11, 26, 10, 0, tzinfo=programme.zone))]
