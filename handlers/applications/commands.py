"""The command that opens an application, as buttons and notices hold it."""

from __future__ import annotations

from typing import Literal, TypeAlias

Wish: TypeAlias = Literal["", "answers", "documents", "score", "conflict", "ask", "decide"]


def file(reference: str, wish: Wish = "") -> str:
    """`/file ABC-2026-0042 answers`: what to do with the application; without a wish, its card."""
    return f"/file {reference} {wish}".rstrip()


def read_file(argument: str) -> tuple[str, str]:
    """(reference, wish) of such a command's argument, as somebody may have typed it."""
    reference, _space, wish = argument.partition(" ")
    return reference, wish
