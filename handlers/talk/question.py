"""The kinds of question: how each is put, read from what a person sends, kept, and trusted again later.

A question reads one message into a value or raises `Misread` with a kind hint. `load` turns the kept JSON back
into the value and raises `Stale` when the world has moved on and the question must be put again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast

from handlers.talk import understand
from handlers.talk.message import File, Json
from handlers.talk.words import Language, Text, _, plain

T = TypeVar("T")


class Misread(Exception):
    """The message does not answer the question; the hint says why and what would. `offers` are readings to confirm."""

    def __init__(self, hint: Text, *offers: Offer) -> None:
        self.hint, self.offers = hint, offers


class Redirect(Exception):
    """The message does not answer: it goes somewhere else, by this command ("/menu")."""

    def __init__(self, command: str) -> None:
        self.command = command


class PartialAnswer(Exception):
    """A part of an answer that takes several messages: what has been picked so far."""

    def __init__(self, picked: list[Json], note: Text) -> None:
        self.picked, self.note = picked, note


class Stale(Exception):
    """A kept answer that no longer fits; `why` may say so."""

    def __init__(self, why: Text | None = None) -> None:
        self.why = why


@dataclass(frozen=True, slots=True)
class Offer:
    """A reading to confirm: its label, the JSON that would be kept, and what else takes it up: a mere "yes" (which is
    so anyway for a reading offered alone), or, as it is their own words, the same words again."""

    label: Text
    kept: Json
    means: Literal["", "yes", "own"] = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: what is kept, what is shown, what else people call it.

    `explicit`: only its button or its very words choose it, nothing that merely looks like them.
    """

    value: str
    label: Text
    also: tuple[str, ...] = ()
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A message, as a question reads it."""

    text: str
    value: str  # of the button pressed, or of the line whose number was typed
    file: File | None
    trouble: str
    contact: bool  # the person's own number, shared through the channel
    now: datetime  # local time
    picked: list[Json]  # so far, where an answer takes several messages
    languages: Mapping[str, Language]
    shown: Sequence[str] = ()  # what the lines last seen stand for, in their order

    def line(self, said: str) -> str:
        """What the line with a typed number stands for; "" if it is no number of a line."""
        at = understand.count(said)
        return self.shown[at - 1] if at is not None and 0 < at <= len(self.shown) else ""

    @property
    def end(self) -> str:
        """What "the first" or "the last" of the lines last seen stands for; "" for another message."""
        at = understand.end(self.text)
        return self.shown[0 if at == 1 else -1] if at and self.shown else ""

    @property
    def intent(self) -> str | None:
        return understand.intent(self.text)


Kind: TypeAlias = Literal[
    "choice", "several", "yes_no", "text", "number", "amount", "date", "phone", "email", "link", "files"
]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a question takes, as data: a form on a page, a Flow and a reader of sentences are made from it.

    The bounds are those of what is counted in `unit`; None where there is none.
    """

    kind: Kind
    least: int | date | None = None
    most: int | date | None = None
    unit: Literal["", "letters", "DH", "files", "options"] = ""


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """Something to ask. `open` says how much it takes: "" its own answers only, "text" any text (words such as "back"
    are caught before it reads), "all" even those: only "menu" and "cancel" leave it."""

    prompt: Text
    read: Callable[[Reply], T]
    load: Callable[[Json], T]
    keep: Callable[[T], Json]
    show: Callable[[T], Text]
    options: tuple[Option, ...] = ()
    title: Text | None = None  # a short name, for lists of answers
    brief: Text | None = None  # the prompt without what need not be read twice
    passing: bool = False  # a step on the way, not an answer to show or edit later
    example: Text | None = None
    why: Text | None = None  # what the answer is needed for
    shape: Shape | None = None  # None for a question of its own kind, which only a conversation can put
    open: Literal["", "text", "all"] = ""
    optional: bool = False
    later: bool = False  # "later" rather than "skip"
    done: Callable[[list[Json]], bool] | None = None  # several messages: whether these suffice
    wants_file: bool = False
    wants_contact: bool = False
    echo: Callable[[T], Text] | None = None  # what to say back when it was just read
    labels: dict[str, str] = field(default_factory=dict)  # folded label -> value, filled when first needed

    @property
    def name(self) -> Text:
        return self.title or self.prompt

    def described(self, language: Language) -> dict[str, Json]:
        """The question as JSON, in one language; bounds that are days are ISO dates. LookupError if it has no shape."""
        if self.shape is None:
            raise LookupError("this question can only be put in a conversation")
        least, most = (
            bound.isoformat() if isinstance(bound, date) else bound for bound in (self.shape.least, self.shape.most)
        )
        return {
            "kind": self.shape.kind,
            "title": plain(language.say(self.name)),
            "prompt": plain(language.say(self.prompt)),
            "required": not self.optional,
            "options": [{"value": option.value, "label": plain(language.say(option.label))} for option in self.options],
            "least": least,
            "most": most,
            "unit": self.shape.unit,
            "example": plain(language.say(self.example)) if self.example is not None else None,
            "why": plain(language.say(self.why)) if self.why is not None else None,
        }


def titled(question: Question[T], title: Text) -> Question[T]:
    """The same question with a short name, for reviews and lists."""
    return replace(question, title=title)


def passing(question: Question[T]) -> Question[T]:
    """The same question as a mere step on the way: reviews and lists of answers leave it out."""
    return replace(question, passing=True)


def optional(question: Question[T], *, later: bool = False) -> Question[T | None]:
    """The same question, which may be skipped: the answer is then None."""

    def load(kept: Json) -> T | None:
        return None if kept is None else question.load(kept)

    def keep(value: T | None) -> Json:
        return None if value is None else question.keep(value)

    def show(value: T | None) -> Text:
        return _("(no answer)") if value is None else question.show(value)

    return cast(
        "Question[T | None]", replace(cast(Any, question), load=load, keep=keep, show=show, optional=True, later=later)
    )
