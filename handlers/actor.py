"""Who acts: a person, by the chat, the office's pages or the command line; or the system by its clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from handlers.talk.message import Json, Person, first_name
from handlers.talk.words import Language

Way: TypeAlias = Literal["chat", "office", "command line", "clock"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does a deed, as the deed's own transaction knows them."""

    person: int  # 0: nobody, as the clock
    roles: frozenset[str]
    languages: Mapping[str, Language]
    now: datetime  # UTC
    way: Way = "chat"
    name: str = ""  # as colleagues and founders read it; "" if not known
    profile: Mapping[str, Json] = field(default_factory=dict)

    @property
    def first_name(self) -> str:
        """What to call them; "" if we do not know."""
        return first_name(self.profile, self.name)


class _Chat(Protocol):
    """A conversation, as far as an actor is made of it."""

    @property
    def person(self) -> Person: ...
    @property
    def languages(self) -> Mapping[str, Language]: ...
    @property
    def now(self) -> datetime: ...


def by_chat(talk: _Chat) -> Actor:
    """The person of a conversation; their roles are those that this turn's transaction has read."""
    person = talk.person
    return Actor(person.id, person.roles, talk.languages, talk.now, "chat", person.name, person.profile)


def system(languages: Mapping[str, Language], now: datetime) -> Actor:
    """The clock."""
    return Actor(0, frozenset({"system"}), languages, now, "clock")
