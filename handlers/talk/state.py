"""Where a conversation stands: what a turn loads and keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from handlers.talk.message import Json

T = TypeVar("T")


@dataclass(slots=True)
class State:
    """What is kept of one conversation of one person between turns."""

    name: str  # which conversation, as in the table of contents
    number: int  # this person's n-th: its buttons carry it
    answers: dict[str, Json] = field(default_factory=dict)
    asking: str = ""  # the question the person last saw
    open: str = ""  # how much text it takes, see Question.open
    shown: list[str] = field(default_factory=list)  # what its buttons stood for, in the order seen
    aside: dict[str, str] = field(
        default_factory=dict
    )  # labels of a side screen shown since ("keep or delete?"), and what they carry
    picked: list[Json] = field(default_factory=list)  # of an answer that takes several messages
    offers: list[Json] = field(default_factory=list)  # readings waiting for a yes
    retracted: dict[str, Json] = field(default_factory=dict)  # answers taken back, to be offered again
    misreads: int = 0  # in a row
    interrupted: int = 0  # the number of the conversation this one interrupted
    argument: str = ""  # what it was opened with
    touched: datetime | None = None  # its newest turn
