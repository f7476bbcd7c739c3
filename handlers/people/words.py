"""What is told of people who come and go."""

from __future__ import annotations

from datetime import datetime

from handlers.notices.tell import Notice
from handlers.programme.model import Programme
from handlers.talk.words import _


def left(moment: datetime) -> Notice:
    """To the coach of a session (its local time) whose founder is no more."""
    return Notice(
        _("Your session of {moment} is cancelled: the founder has left, and asked to be forgotten.", moment=moment),
        [(_("My agenda"), "/agenda")],
    )


def notices(programme: Programme) -> list[Notice]:
    """Each of them, with samples for its parts."""
    return [left(datetime(2026, 11, 26, 10, 0, tzinfo=programme.zone))]
