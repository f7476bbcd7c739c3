"""The commands of this room with an argument, as buttons carry them: written here, and read here."""

from __future__ import annotations

from typing import Literal

from handlers.talk.message import number_in


def book(topic: str) -> str:
    return f"/book {topic}"


def take_offer(wait: int) -> str:
    """Book what the waiting list holds for them."""
    return f"/book offer {wait}"


def waiting(wish: Literal["pass", "leave"], wait: int) -> str:
    """Refuse what is held, or leave the line."""
    return f"/waiting {wish} {wait}"


def own_session(wish: Literal["yes", "late", "move", "cancel", "document"], session: int) -> str:
    """What a founder does with a session of theirs."""
    return f"/bookings {wish} {session}"


def why_cancelled(session: int) -> str:
    """A word about a session that they have cancelled."""
    return f"/bookings why {session}"


def feedback(session: int, rating: int) -> str:
    return f"/feedback {session} {rating}"


def comment(session: int) -> str:
    """A word about a session that is rated."""
    return f"/feedback {session}"


def session(session: int) -> str:
    """A session from the coach's side."""
    return f"/session {session}"


def wish_of(argument: str) -> tuple[str, int]:
    """What is wished, and of which: ("move", 17); 0 if no number of ours follows."""
    wish, _space, number = argument.partition(" ")
    return wish, number_in(number)


def feedback_of(argument: str) -> tuple[int, int]:
    """Of which session, and how it was from 1 to 5; 0 for what it does not say."""
    number, _space, rating = argument.partition(" ")
    return number_in(number), int(rating) if rating in ("1", "2", "3", "4", "5") else 0
