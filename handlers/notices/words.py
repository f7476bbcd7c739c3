"""What is told unasked and belongs to no other room."""

from __future__ import annotations

from handlers.notices.tell import Notice
from handlers.talk.message import READ_ON
from handlers.talk.words import _


def waiting() -> Notice:
    """To somebody silent for whom there is something; pressing its button lets it through."""
    return Notice(_("There is a message for you here. Press the button to read it."), [(_("Read it"), READ_ON)])


def unreached() -> Notice:
    """To the team, once a reminder has nowhere to go."""
    return Notice(_("A reminder could not reach anybody: no channel is open to this person any more."))
