"""What a message in the outbox is for, as databases in use hold it: written and read here alone. Each exists only once."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """The purposes by which messages are found again, or known when somebody replies to one."""

    FOUNDER_WROTE = "handoff"  # to the team, in an exchange
    TEAM_ANSWERED = "answer"  # in an exchange
    ANNOUNCEMENT = "broadcast"
    SESSION = "session"
    REMINDER = "reminder"
    HELD_BACK = "held"  # an answer to a person, in case it serves for what they write next too
    SOMETHING_WAITS = "announce"  # tells somebody silent that they have to write first


_KINDS = {kind.value: kind for kind in Purpose}


def purpose(kind: Purpose, subject: object, *more: object) -> str:
    """What a message about a subject is for; with `more` there may be several."""
    return ":".join(str(part) for part in (kind.value, subject, *more))


def pattern(kind: Purpose, subject: object = None) -> str:
    """What LIKE finds all messages of this kind by, or those about a subject."""
    return f"{kind.value}:%" if subject is None else f"{kind.value}:{subject}:%"


def read(purpose: str | None) -> tuple[Purpose | None, int]:
    """The kind, and the number of the subject; None for a purpose that nobody looks for, 0 for no number."""
    kind, _colon, rest = (purpose or "").partition(":")
    id = rest.partition(":")[0]
    return _KINDS.get(kind), int(id) if id.isdecimal() and len(id) < 19 else 0
