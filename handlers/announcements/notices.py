"""What the team is told of announcements."""

from __future__ import annotations

from handlers.announcements import commands, words
from handlers.notices.tell import Notice
from handlers.programme.model import Programme
from handlers.talk.words import Text, UserText, _, lines, n_, paragraphs


def to_approve(id: int, people: int, author: str) -> Notice:
    """To the colleagues of its author ("" for a name that is not known)."""
    asked = n_(
        "{name} has written an announcement for {n} person. Please look at it and approve it.",
        "{name} has written an announcement for {n} people. Please look at it and approve it.",
        people,
        name=author or _("A colleague"),
    )
    return Notice(asked, [_open(id)])


def moved(id: int, state: str) -> Notice:
    """To its author, when a colleague has approved, paused or stopped it."""
    return Notice(paragraphs([_("Your announcement no. {n}: {state}", n=id, state=words.STATES[state])]), [_open(id)])


def done(id: int, report: Text) -> Notice:
    """To its author."""
    return Notice(lines([_("Your announcement no. {n} is done.", n=id), report]), [_open(id)])


def _open(id: int) -> tuple[Text, str]:
    return _("Open it"), commands.announcement(id)


def notices(programme: Programme) -> list[Notice]:
    """Each of them, with samples for its parts."""
    told = [to_approve(7, people, author) for people in (1, 40) for author in ("Karim", "")]
    return [*told, *(moved(7, state) for state in words.STATES), done(7, UserText("..."))]
