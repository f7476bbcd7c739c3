"""The kinds of question: how each is put, read from what a person sends, kept, and trusted again later.

A question reads one message into a value or raises `Misread` with a kind hint. `load` turns the kept JSON back
into the value and raises `Stale` when the world has moved on and the question must be put again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar, cast

from handlers.talk import understand
from handlers.talk.message import File, Json
from handlers.talk.when import Unclear, read_day
from handlers.talk.words import Day, Listed, Quote, Text, Tongue, _, clean

T = TypeVar("T")


class Misread(Exception):
    """The message does not answer the question; the hint says why and what would. `offers` are readings to confirm."""

    def __init__(self, hint: Text, *offers: Offer) -> None:
        self.hint, self.offers = hint, offers


class Onward(Exception):
    """The message does not answer: it goes somewhere else, by this command ("/menu")."""

    def __init__(self, command: str) -> None:
        self.command = command


class More(Exception):
    """A part of an answer that takes several messages: what has been picked so far."""

    def __init__(self, picked: list[Json], note: Text) -> None:
        self.picked, self.note = picked, note


class Stale(Exception):
    """A kept answer that no longer fits; `why` may say so."""

    def __init__(self, why: Text | None = None) -> None:
        self.why = why


@dataclass(frozen=True, slots=True)
class Offer:
    """A reading that only needs a yes: its label and the JSON that would be kept."""

    label: Text
    kept: Json


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: what is kept, what is shown, what else people call it."""

    value: str
    label: Text
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """A message, as a question reads it."""

    text: str
    value: str  # of the button pressed, or of the line whose number was typed
    file: File | None
    trouble: str
    contact: bool  # the person's own number, shared through the channel
    now: datetime  # local time
    picked: list[Json]  # so far, where an answer takes several messages
    tongues: Mapping[str, Tongue]
    shown: Sequence[str] = ()  # what the lines last seen stand for, in their order

    def line(self, said: str) -> str:
        """What the line with a typed number stands for; "" if it is no number of a line."""
        at = understand.count(said)
        return self.shown[at - 1] if at is not None and 0 < at <= len(self.shown) else ""

    @property
    def intent(self) -> str | None:
        return understand.intent(self.text)


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """Something to ask. `open` says how much it takes: "" its own answers only, "text" any text (words such as "back"
    are caught before it reads), "all" even those: only "menu" and "cancel" leave it."""

    prompt: Text
    read: Callable[[Heard], T]
    load: Callable[[Json], T]
    keep: Callable[[T], Json]
    show: Callable[[T], Text]
    options: tuple[Option, ...] = ()
    title: Text | None = None  # a short name, for lists of answers
    brief: Text | None = None  # the prompt without what need not be read twice
    passing: bool = False  # a step on the way, not an answer to show or edit later
    example: Text | None = None
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

    return cast("Question[T | None]", replace(cast(Any, question), load=load, keep=keep, show=show, optional=True, later=later))


# text ---------------------------------------------------------------------------------------------------------------


def text(
    prompt: Text,
    *,
    shortest: int = 1,
    longest: int = 1000,
    words: int = 1,
    pattern: str = "",
    hint: Text | None = None,
    example: Text | None = None,
    check: Callable[[str], str] | None = None,
) -> Question[str]:
    """Free text of `shortest` to `longest` letters and at least `words` words.

    `pattern` (a full match) and `check` (the text, tidied; raises Misread) narrow it; `hint` is said when they refuse.
    """

    def fits(said: str) -> str:
        if not said:
            raise Misread(hint or _("Please answer in words."))
        if len(said) < shortest or len(said.split()) < words:
            raise Misread(hint or _("Please tell us a little more (at least {min} characters).", min=shortest))
        if len(said) > longest:
            raise Misread(_("That is a bit long: {max} characters at most.", max=longest))
        if pattern and not re.fullmatch(pattern, said):
            raise Misread(hint or _("Sorry, I could not read that answer."))
        return check(said) if check else said

    def read(heard: Heard) -> str:
        return fits(clean(heard.text))

    return Question(prompt, read, _string(fits), str, Quote, example=example, open="" if pattern or check else "text")


def _string(fits: Callable[[str], str]) -> Callable[[Json], str]:
    def load(kept: Json) -> str:
        if not isinstance(kept, str):
            raise Stale
        try:
            return fits(kept)
        except Misread as why:
            if why.offers:
                return kept  # it was confirmed once
            raise Stale from why

    return load


# choices ------------------------------------------------------------------------------------------------------------


def choice(prompt: Text, options: Sequence[Option] | Mapping[str, Text], *, gone: Text | None = None) -> Question[str]:
    """One of the options, by its value; `gone` is said when a kept choice is no longer among them."""
    offered = _options(options)
    labels = {option.value: option.label for option in offered}

    def read(heard: Heard) -> str:
        found = heard.value if heard.value in labels else pick(heard.text, question, heard.tongues)
        if not found:
            raise Misread(_("Please choose one of the answers below."))
        return found

    def load(kept: Json) -> str:
        if kept not in labels:
            raise Stale(gone)
        return str(kept)

    question: Question[str] = Question(prompt, read, load, str, lambda value: labels[value], offered)
    return question


def several(prompt: Text, options: Sequence[Option] | Mapping[str, Text], *, most: int = 20) -> Question[list[str]]:
    """One or more of the options, tapped one by one and ended with "done", or typed at once ("1, 3")."""
    offered = _options(options)
    labels = {option.value: option.label for option in offered}

    def show(values: list[str]) -> Text:
        return Listed(tuple(labels[value] for value in values))

    def read(heard: Heard) -> list[str]:
        picked = [value for value in cast("list[str]", heard.picked) if value in labels]
        if heard.value in labels:
            picked = [v for v in picked if v != heard.value] if heard.value in picked else [*picked, heard.value]
            if not picked:
                raise More([], _("Nothing chosen yet."))
            if len(picked) < min(most, len(offered)):
                raise More(cast("list[Json]", picked), _("Chosen: {choices}. Add another, or press “Done”.", choices=show(picked)))
            return picked
        named = [
            heard.line(part) or pick(part, question, heard.tongues) for part in re.split(r"[,،;/+&\n]|\s(?:et|and|و)\s", heard.text) if part.strip()
        ]
        if named and all(value in labels for value in named) and len(set(named)) <= most:
            return list(dict.fromkeys([*picked, *named]))[:most]
        raise Misread(_("Please choose one or more of the answers below, for example “1, 3”."))

    def load(kept: Json) -> list[str]:
        if not isinstance(kept, list) or not kept or not all(value in labels for value in kept):
            raise Stale
        return cast("list[str]", kept)

    question: Question[list[str]] = Question(prompt, read, load, lambda v: cast(Json, v), show, offered, done=bool)
    return question


def yes_no(prompt: Text, *, yes: Text | None = None, no: Text | None = None, explicit: bool = False) -> Question[bool]:
    """Yes or no. `explicit`: a mere "ok" is not enough, only the button or its words (consent under law 09-08)."""
    offered = (
        Option("yes", yes or _("Yes"), ("j'accepte", "i agree", "أوافق", "موافق", "موافقة", "nwafe9") if explicit else ()),
        Option("no", no or _("No"), ("je refuse", "لا أوافق", "i do not agree") if explicit else ()),
    )

    def read(heard: Heard) -> bool:
        found = heard.value if heard.value in ("yes", "no") else pick(heard.text, question, heard.tongues)
        meant = heard.intent
        if not found and meant in ("yes", "confirm", "no"):
            found = "no" if meant == "no" else "yes"
            if explicit and found == "yes":
                raise Misread(_("For this one I need a clear yes: please press the button, or write “I agree”."))
        if not found:
            raise Misread(_("Please answer yes or no."))
        return found == "yes"

    def load(kept: Json) -> bool:
        if not isinstance(kept, bool):
            raise Stale
        return kept

    question: Question[bool] = Question(prompt, read, load, bool, lambda v: offered[0 if v else 1].label, offered)
    return question


def _options(options: Sequence[Option] | Mapping[str, Text]) -> tuple[Option, ...]:
    if isinstance(options, Mapping):
        return tuple(Option(value, label) for value, label in options.items())
    return tuple(options)


def pick(said: str, question: Question[Any], tongues: Mapping[str, Tongue]) -> str:
    """The value of the option that was typed, in any language: its label, another name, a unique part; "" if none."""
    plain = understand.polite(understand.folded(said))
    if not plain:
        return ""
    if not question.labels:
        for option in question.options:
            for name in (*(tongue.say(option.label) for tongue in tongues.values()), *option.also, option.value):
                question.labels.setdefault(understand.folded(name), option.value)
    labels = question.labels
    if plain in labels:
        return labels[plain]
    if len(plain) < 3:
        return ""
    partly = {value for label, value in labels.items() if plain in re.split(r"[ ,/'()]+", label) or label.startswith(plain)}
    if len(partly) == 1:
        return partly.pop()
    if len(plain) >= 4:
        from rapidfuzz import fuzz, process

        near = process.extract(plain, list(labels), scorer=fuzz.ratio, score_cutoff=84, limit=3)
        values = {labels[label] for label, _score, _at in near}
        if len(values) == 1:
            return values.pop()
    return ""


# numbers ------------------------------------------------------------------------------------------------------------

_THOUSAND = ("k", "mille", "alf", "الف", "thousand", "m dh")
_MILLION = ("million", "millions", "مليون", "ملايين")
_CENTIMES = ("mlyoun", "mlayn", "mlyon", "melyoun", "centimes", "centime", "سنتيم", "ريال", "rial", "ryal")


def number(prompt: Text, *, least: int = 0, most: int = 10**9, example: Text | None = None) -> Question[int]:
    """A whole number from `least` to `most`, in digits of any script or in words up to a hundred."""

    def fits(value: float) -> int:
        if value != int(value):
            raise Misread(_("Please write a whole number, without decimals."))
        if not least <= value <= most:
            raise Misread(_("Please give a number from {least} to {most}.", least=least, most=most))
        return int(value)

    def read(heard: Heard) -> int:
        counted = understand.count(heard.text)
        if counted is not None:
            return fits(counted)
        found = understand.quantity(heard.text)
        if found is None or len(found[1].split()) > 3:
            raise Misread(_("Please write the number in digits, for example 4."))
        return fits(found[0])

    return Question(prompt, read, _whole(fits), int, lambda v: Quote(str(v)), example=example)


def amount(prompt: Text, *, least: int = 0, most: int, example: Text | None = None) -> Question[int]:
    """An amount in whole dirhams, echoed before it counts where speech is ambiguous (a "mlyoun" is 10,000 DH)."""

    def fits(value: float) -> int:
        if not least <= value <= most:
            raise Misread(_("Please give an amount from {least} to {most} DH.", least=grouped(least), most=grouped(most)))
        return round(value)

    def read(heard: Heard) -> int:
        found = understand.quantity(heard.text)
        if found is None or len(found[1].split()) > 4:
            raise Misread(_("Please write the amount in digits, for example 150000."))
        value, unit = found
        if any(word in unit.split() for word in _CENTIMES):
            value = value * 10_000 if unit.split()[0].startswith("ml") else value / (20 if "ri" in unit or "ريال" in unit else 100)
            raise _sure(fits(value))
        if any(word in unit.split() for word in _MILLION):
            raise _sure(fits(value * 1_000_000), fits(value * 10_000))
        if any(word in unit.split() for word in _THOUSAND):
            raise _sure(fits(value * 1_000))
        return fits(value)

    def _sure(*values: int) -> Misread:
        offers = [Offer(_("{amount} DH", amount=grouped(value)), value) for value in values]
        return Misread(_("Just to be sure: which amount do you mean?"), *offers)

    def show(value: int) -> Text:
        return _("{amount} DH", amount=grouped(value))

    return Question(prompt, read, _whole(fits), int, show, example=example, echo=lambda v: _("Noted: {amount}.", amount=show(v)))


def grouped(value: int) -> str:
    """1500000 as 1 500 000, with no-break spaces: readable in all three languages, and never taken for decimals."""
    return f"{value:,}".replace(",", "\u00a0")


def _whole(fits: Callable[[float], int]) -> Callable[[Json], int]:
    def load(kept: Json) -> int:
        if not isinstance(kept, int) or isinstance(kept, bool):
            raise Stale
        try:
            return fits(kept)
        except Misread as why:
            raise Stale from why

    return load


# dates --------------------------------------------------------------------------------------------------------------


def day(prompt: Text, *, earliest: date = date(1950, 1, 1), past: bool = False, example: Text | None = None) -> Question[date]:
    """A day, as people write it (15/03/2026, "15 mars", «غدا»), echoed with its weekday. `past`: not in the future."""

    def read(heard: Heard) -> date:
        try:
            found = read_day(heard.text, heard.now.date(), past=past)
        except Unclear as why:
            offers = [Offer(Day(day_), day_.isoformat()) for day_ in why.readings]
            hint = _("Which day do you mean?") if offers else _("I did not understand the date. Example: 15/03/2026")
            raise Misread(hint, *offers) from why
        if past and found > heard.now.date():
            raise Misread(_("This date is in the future. Could you check it?"))
        if found < earliest:
            raise Misread(_("This date is before {day}. Could you check it?", day=earliest))
        return found

    def load(kept: Json) -> date:
        try:
            return date.fromisoformat(cast(str, kept))
        except (TypeError, ValueError) as why:
            raise Stale from why

    def show(value: date) -> Text:
        return Day(value)

    return Question(prompt, read, load, date.isoformat, show, example=example, echo=lambda v: _("Noted: {day}.", day=v))


# addresses ----------------------------------------------------------------------------------------------------------


def phone(prompt: Text, *, region: str = "MA") -> Question[str]:
    """A telephone number in E.164 ("+212612345678"), typed in any usual way; `region` where no country is given."""
    import phonenumbers

    hint = _("This number does not look right. Example: 06 12 34 56 78 or +44…")

    def read(heard: Heard) -> str:
        typed = heard.text if not heard.contact else "+" + heard.text.lstrip("+")
        try:
            found = phonenumbers.parse(re.sub(r"\(0\)", "", clean(typed)), region)
        except phonenumbers.NumberParseException:
            raise Misread(hint) from None
        if not phonenumbers.is_valid_number(found):
            raise Misread(hint)
        return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)

    def load(kept: Json) -> str:
        if not isinstance(kept, str) or not kept.startswith("+"):
            raise Stale
        return kept

    def show(value: str) -> Text:
        found = phonenumbers.parse(value)
        return Quote(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL))

    return Question(prompt, read, load, str, show, example=_("06 12 34 56 78"), wants_contact=True)


_MAIL_DOMAINS = ("gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "yahoo.fr", "hotmail.fr", "outlook.fr", "live.fr", "icloud.com", "ump.ac.ma")


def email(prompt: Text, *, longest: int = 120) -> Question[str]:
    """An e-mail address in small letters; a domain one letter away from a common one is asked about."""

    def fits(said: str) -> str:
        from email_validator import EmailNotValidError, validate_email

        try:
            found = validate_email(said, check_deliverability=False).normalized.lower()
        except EmailNotValidError:
            raise Misread(_("This address looks incomplete. Example: name@example.ma")) from None
        if len(found) > longest:
            raise Misread(_("That is a bit long: {max} characters at most.", max=longest))
        return found

    def read(heard: Heard) -> str:
        found = fits(clean(heard.text).removeprefix("mailto:").replace(" ", ""))
        if meant := _mistyped(found):
            raise Misread(_("Did you mean {address}?", address=meant), Offer(_("Yes"), meant), Offer(_("No, keep mine"), found))
        return found

    return Question(prompt, read, _string(fits), str, Quote, example=_("name@example.ma"))


def _mistyped(address: str) -> str:
    from rapidfuzz.distance import DamerauLevenshtein

    name, _at, domain = address.partition("@")
    if domain in _MAIL_DOMAINS:
        return ""
    near = next((known for known in _MAIL_DOMAINS if DamerauLevenshtein.distance(domain, known) == 1), "")
    return f"{name}@{near}" if near else ""


def link(prompt: Text, *, longest: int = 200) -> Question[str]:
    """A web address, http or https, kept and never fetched; "exemple.ma" becomes https://exemple.ma."""
    from urllib.parse import urlsplit

    def fits(said: str) -> str:
        hint = _("This link looks incomplete. Example: https://example.ma")
        address = said if "://" in said else f"https://{said}"
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError:
            raise Misread(hint) from None
        if parts.scheme.lower() not in ("http", "https") or not re.fullmatch(r"[^\W_](?:[\w.-]*[^\W_])?\.[^\W\d_]{2,}", host):
            raise Misread(hint)
        if " " in address or parts.username is not None:
            raise Misread(hint)
        if len(address) > longest:
            raise Misread(_("That is a bit long: {max} characters at most.", max=longest))
        return address

    return Question(prompt, lambda heard: fits(clean(heard.text)), _string(fits), str, Quote, example=_("https://example.ma"))


# files --------------------------------------------------------------------------------------------------------------

TROUBLES: dict[str, Callable[[int], Text]] = {
    "size": lambda most: _("The file is larger than {max} MB. Can you make it smaller?", max=most),
    "type": lambda most: _("Accepted formats: PDF, JPG, PNG, DOCX, PPTX."),
    "unsafe": lambda most: _("I could not open this file safely. Please send it as a plain PDF or a photo."),
    "locked": lambda most: _("This file is protected by a password. Please send a copy without one."),
    "gone": lambda most: _("I could not fetch this file. Could you send it again?"),
    "full": lambda most: _("You have sent many files already. Please write to the team before sending more."),
}


def files(prompt: Text, *, most: int = 5, largest: int = 10) -> Question[list[File]]:
    """One to `most` documents or photos of at most `largest` MB each, sent one by one and ended with "done"."""

    def show(value: list[File]) -> Text:
        return Listed(tuple(Quote(file.name) for file in value))

    def load(kept: Json) -> list[File]:
        try:
            return [File.of(one) for one in cast("list[Json]", kept)]
        except (TypeError, ValueError) as why:
            raise Stale from why

    def read(heard: Heard) -> list[File]:
        if heard.trouble:
            raise Misread(TROUBLES.get(heard.trouble, TROUBLES["unsafe"])(largest))
        picked = load(heard.picked)
        if heard.file is None:
            raise Misread(_("Please send a photo or a document here (PDF, JPG, PNG, DOCX, PPTX)."))
        picked = [*picked, heard.file]
        if len(picked) >= most:
            return picked
        note = _("Received: {files}. Send another page or file, or press “Done”.", files=show(picked))
        raise More([file.kept() for file in picked], note)

    def keep(value: list[File]) -> Json:
        return [file.kept() for file in value]

    return Question(prompt, read, load, keep, show, done=bool, wants_file=True)
