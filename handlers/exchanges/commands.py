"""The commands of one exchange, as buttons carry them; each is read by `number_in`."""

from __future__ import annotations


def answer(exchange: int) -> str:
    return f"/answer {exchange}"


def take(exchange: int) -> str:
    return f"/take {exchange}"


def end(exchange: int) -> str:
    """The team ends it; a founder's own is ended by `/end` alone."""
    return f"/end {exchange}"
