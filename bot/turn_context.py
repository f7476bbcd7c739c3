"""What one turn knows and changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from handlers.talk.message import Enclosed, Incoming, Outgoing, Person
from handlers.talk.state import State
from storage.database import Db


class Alone(BaseException):
    """A conversation touched the database inside a group of turns: it must run again, in a transaction of its own."""


class Untouched:
    """The database, as a turn inside a group sees it: the first touch takes the turn out of the group."""

    def __getattr__(self, name: str) -> Any:
        raise Alone


UNTOUCHED = cast(Db, Untouched())


@dataclass(slots=True)
class TurnContext:
    """One turn of one person: who they are, what they have open, what we say."""

    person: Person
    talks: dict[int, State]
    incoming: Incoming
    now: datetime
    db: Db = UNTOUCHED
    out: list[Outgoing] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)
    discard: list[str] = field(default_factory=list)
    about: set[int] = field(default_factory=set)  # others whom this turn tells of
    enclosed: list[Enclosed] = field(default_factory=list)  # documents for others
    onward: str = ""  # the command that this message leads to
    taken: bool = False  # the message became an answer, or part of one

    @property
    def current(self) -> State | None:
        return self.talks.get(self.person.current)

    def close(self, state: State) -> None:
        self.talks.pop(state.number, None)
        self.touched.discard(state.number)
        self.closed.add(state.number)
