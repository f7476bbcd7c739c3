"""All that crosses a channel's border: what a person sent, what we answer, who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from handlers.talk.words import Language, Text, _

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
READ_ON = "read-on"  # what the button carries of "there is a message for you"
Kind: TypeAlias = Literal[
    "text", "press", "file", "contact", "card", "voice", "sticker", "place", "edited", "other", "left", "returned"
]


@dataclass(frozen=True, slots=True)
class File:
    """A document: where we keep it (`id`, a random name), what the sender called it, what it is, and how big."""

    id: str
    name: str
    kind: str  # MIME type, read from the bytes, never from the sender
    size: int  # bytes

    def kept(self) -> Json:
        return [self.id, self.name, self.kind, self.size]

    @staticmethod
    def of(kept: Json) -> File:
        """The file that `kept` describes; ValueError if it describes none."""
        match kept:
            case [str(id), str(name), str(kind), int(size)]:
                return File(id, name, kind, size)
        raise ValueError("not a kept file")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of one person, whatever the channel."""

    channel: str
    address: str  # who, in that channel's own way of naming people
    id: str  # the platform's name for this message: the same message, delivered again, has it again
    at: datetime  # when it was sent, UTC
    kind: Kind = "text"
    text: str = ""  # what was typed; a caption, a shared phone number
    press: str = ""  # what the pressed button carries
    file: File | None = None
    trouble: str = ""  # why a file could not be taken: size, type, unsafe, gone
    album: str = ""  # files sent together share it
    name: str = ""  # as the platform shows the person
    language: str = ""  # of the person's app: a first guess, nothing more
    reply_to: str = ""  # the platform's name for the message of ours that this one answers


@dataclass(frozen=True, slots=True)
class Button:
    """What can be pressed: its label, and what it carries (at most 64 ASCII bytes, Telegram's limit)."""

    label: Text
    carries: str
    aside: bool = False  # back, skip: the first to go where room is short, as the word can be typed instead
    link: str = ""  # opens this address instead of answering


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A document we write ourselves, such as a person's own data."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A document we write for somebody other than whoever is talking: kept with the turn, sent by a notice."""

    person: int
    file: File
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message of ours, in no language yet."""

    text: Text
    buttons: tuple[Button, ...] = ()
    enclosure: Enclosure | None = None
    file: File | None = None  # a document that somebody sent us
    ready: dict[str, Any] | None = None  # a message that is in its language already, as the outbox keeps it
    wants_contact: bool = False  # the channel may offer to share the person's own number

    def into(self, tongue: Language) -> dict[str, Any]:
        """The message in a language, as the outbox keeps it and every channel reads it."""
        if self.ready is not None:
            return dict(self.ready)
        body: dict[str, Any] = {"text": tongue.say(self.text), "language": tongue.code}
        if self.buttons:
            body["buttons"] = [
                {"label": tongue.say(b.label), "carries": b.carries}
                | ({"aside": True} if b.aside else {})
                | ({"link": b.link} if b.link else {})
                for b in self.buttons
            ]
        if self.wants_contact:
            body["contact"] = tongue.say(_("Share my number"))
        if self.file is not None:
            body["file"] = self.file.kept()
        return body


@dataclass(frozen=True, slots=True)
class Consent:
    """A yes or a no, with what makes it a proof."""

    purpose: str
    granted: bool
    version: str


@dataclass(slots=True)
class Person:
    """Who we talk with: what every turn knows of them without asking the database."""

    id: int
    language: str = ""  # "" until they chose
    name: str = ""
    roles: frozenset[str] = frozenset({"founder"})
    agreed: frozenset[str] = frozenset()  # purposes consented to, e.g. "data", "news"
    profile: dict[str, Json] = field(default_factory=dict)  # what they told us once and need not repeat
    current: int = 0  # the number of the conversation they are in
    talks: int = 0  # how many conversations they ever began: the newest one's number
    exchange: int = 0  # the open exchange with the team, if any
    consents: list[Consent] = field(default_factory=list)  # given or refused in this turn
    erased: bool = False
    linked: int = 0  # somebody else whom they have just shown to be themselves

    @property
    def first_name(self) -> str:
        """What to call them; "" if we do not know."""
        return first_name(self.profile, self.name)

    def agree(self, purpose: str, granted: bool, version: str) -> None:
        """Note a yes or a no; the turn keeps the proof with language, channel and time."""
        self.agreed = self.agreed | {purpose} if granted else self.agreed - {purpose}
        self.consents.append(Consent(purpose, granted, version))

    def remember(self, **facts: Json) -> None:
        """Keep facts about the person beyond this conversation; None forgets one."""
        self.profile = {name: fact for name, fact in {**self.profile, **facts}.items() if fact is not None}


def first_name(profile: Mapping[str, Json], name: str) -> str:
    """What to call somebody, by what they told us or by their account; "" if we do not know."""
    return str(profile.get("full_name") or name).split(" ")[0]


LARGEST_NUMBER = 2**31 - 1  # what an id of ours, or a line of a list, can be


def number_in(argument: str) -> int:
    """The number that a command's argument is, in any script's digits ("17", "١٧"); 0 if it is none, or none of ours."""
    if not argument.isdecimal() or len(argument) > len(str(LARGEST_NUMBER)):
        return 0
    number = int(argument)
    return number if number <= LARGEST_NUMBER else 0
