"""The command of one announcement, as buttons carry it: written here, and read here."""

from __future__ import annotations

from handlers.talk.message import number_in


def announcement(id: int, wish: str = "") -> str:
    """How far an announcement is, or what is wished to be done with it."""
    return f"/announcement {id} {wish}".strip()


def wish_of(argument: str) -> tuple[int, str]:
    """Of which announcement (0 for none of ours), and what is wished: (7, "pause")."""
    number, _space, wish = argument.partition(" ")
    return number_in(number), wish
