"""What the team is told of who joins it."""

from __future__ import annotations

from handlers.notices.tell import Notice
from handlers.programme.model import Programme
from handlers.rights import MEMBER
from handlers.talk.words import _


def joined(name: str, role: str) -> Notice:
    """To whoever sent the invitation; "" for a name that is not known."""
    return Notice(_("{name} has accepted your invitation as: {role}.", name=name or _("Somebody"), role=MEMBER[role]))


def notices(programme: Programme) -> list[Notice]:
    """Each of them, with samples for its parts."""
    return [joined(name, "coach") for name in ("Karim", "")]
