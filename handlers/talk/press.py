"""What a button carries, written and read."""

from __future__ import annotations

SKIP, KEEP, DONE, EDIT = "~skip", "~keep", "~done", "~edit"  # no option may be called so: option ids are [a-z0-9_]
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def carried(number: int, question: str, value: str) -> str:
    """What a button carries: which talk, which question, which answer (`1k.sector=green`)."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return f"{digits or '0'}.{question}={value}"


def uncarried(data: str) -> tuple[int, str, str] | None:
    """The talk's number, the question and the answer a button carries; None if it is none of ours."""
    talk, dot, rest = data.partition(".")
    question, equals, value = rest.partition("=")
    if not (dot and equals and question and value and talk.isascii() and talk.isalnum() and len(talk) <= 7):
        return None
    return int(talk, 36), question, value
