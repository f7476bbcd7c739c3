"""What every channel is: a way to send, and the closed list of what can become of a message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias, runtime_checkable

Body: TypeAlias = dict[
    str, Any
]  # a message as the outbox keeps it: text, language, buttons, file, contact, template, until


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it, and calls it this."""

    platform_id: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: try again after so many seconds. `account`: everything to this platform must wait, not only this chat."""

    after: float
    reason: str = ""
    account: bool = False
    tries: int = 0  # how often at most; 0 leaves it to delivery


@dataclass(frozen=True, slots=True)
class Never:
    """The platform refuses this message for good."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Nobody is there any more: blocked, deactivated. Nothing else may be sent until they write again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """It may have arrived: the connection broke, or time ran out, after the message had left."""

    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """The platform lets it through only after the person has written; `since` is when they last did, as far as the channel
    knew. `announce` says in a way that the platform does let through that something waits; once for each `key`."""

    reason: str
    since: datetime | None = None
    announce: Body | None = None
    key: str = ""


Outcome: TypeAlias = Sent | Later | Never | Gone | Doubt | Held
Part: TypeAlias = Body  # one of the pieces a message is made to fit in


class Channel(Protocol):
    """One platform. Channels only name the outcome; delivery alone decides what follows."""

    name: str

    def fit(self, body: Body) -> list[Part]:
        """The message in pieces this platform can show; at least one."""

    async def send(self, address: str, part: Part) -> Outcome:
        """Send one piece; never raises. `part["mark"]` names letter, piece and pieces (`481.1.2`), `part["lane"]` its lane."""

    async def open(self) -> None:
        """Make ready to send and receive."""

    async def close(self) -> None: ...


Told: TypeAlias = Callable[[Outcome], None]


@runtime_checkable
class Prompt(Channel, Protocol):
    """A channel that can send without a task of its own, when nothing is to be waited for before."""

    def begin(self, address: str, part: Part, told: Told) -> bool:
        """Whether a piece is on its way: `told` hears its outcome, once. If not, nothing was done, and `send` does it."""


Fetch: TypeAlias = Callable[[], Awaitable[Any]]
