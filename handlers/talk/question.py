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

from handlers.talk import lexicon, understand
from handlers.talk.message import File, Json
from handlers.talk.when import Unclear, read_day
from handlers.talk.words import Day, Language, Listed, Text, UserText, _, clean

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

    return cast(
        "Question[T | None]", replace(cast(Any, question), load=load, keep=keep, show=show, optional=True, later=later)
    )


# text ---------------------------------------------------------------------------------------------------------------


def text(
    prompt: Text,
    *,
    shortest: int = 1,
    longest: int = 1000,
    hint: Text | None = None,
    example: Text | None = None,
    check: Callable[[str], str] | None = None,
) -> Question[str]:
    """Free text of `shortest` to `longest` letters, or else `hint`; `check` (the text, tidied; raises Misread) narrows it."""

    def fits(said: str) -> str:
        if not said:
            raise Misread(hint or _("Please answer in words."))
        if len(said) < shortest:
            raise Misread(hint or _("Please tell us a little more (at least {min} characters).", min=shortest))
        if len(said) > longest:
            raise Misread(_("That is a bit long: {max} characters at most.", max=longest))
        return check(said) if check else said

    def read(heard: Reply) -> str:
        return fits(clean(heard.text))

    return Question(prompt, read, _string(fits), str, UserText, example=example, open="" if check else "text")


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

    def read(heard: Reply) -> str:
        named = pick(heard.text, question, heard.languages)
        if heard.value in labels and (named in ("", heard.value) or not _number_of(heard.text, question)):
            return heard.value
        if heard.value in labels:  # "3" is the third line, but also the name of another: three people
            raise Misread(
                _("Just to be sure: which one do you mean?"),
                *(Offer(labels[value], value) for value in (named, heard.value)),
            )
        found = named or heard.end
        if found not in labels:
            raise Misread(_("Please choose one of the answers below."))
        return found

    def load(kept: Json) -> str:
        if not isinstance(kept, str) or kept not in labels:
            raise Stale(gone)
        return kept

    question: Question[str] = Question(prompt, read, load, str, lambda value: labels[value], offered)
    return question


def several(prompt: Text, options: Sequence[Option] | Mapping[str, Text], *, most: int = 20) -> Question[list[str]]:
    """One or more of the options, tapped one by one and ended with "done", or typed at once ("1, 3")."""
    offered = _options(options)
    labels = {option.value: option.label for option in offered}

    def show(values: list[str]) -> Text:
        return Listed(tuple(labels[value] for value in values))

    def read(heard: Reply) -> list[str]:
        picked = [value for value in cast("list[str]", heard.picked) if value in labels]
        if heard.value in labels:
            picked = [v for v in picked if v != heard.value] if heard.value in picked else [*picked, heard.value]
            if not picked:
                raise PartialAnswer([], _("Nothing chosen yet."))
            if len(picked) < min(most, len(offered)):
                raise PartialAnswer(
                    cast("list[Json]", picked),
                    _("Chosen: {choices}. Add another, or press “Done”.", choices=show(picked)),
                )
            return picked
        for parts in _enumerated(heard.text):
            named = [heard.line(part) or pick(part, question, heard.languages) for part in parts]
            if (
                all(value in labels for value in named)
                and len(chosen := list(dict.fromkeys([*picked, *named]))) <= most
            ):
                return chosen
        raise Misread(_("Please choose one or more of the answers below, for example “1, 3”."))

    def load(kept: Json) -> list[str]:
        if (
            not isinstance(kept, list)
            or not 0 < len(kept) <= most
            or not all(isinstance(value, str) and value in labels for value in kept)
        ):
            raise Stale
        return cast("list[str]", kept)

    question: Question[list[str]] = Question(prompt, read, load, lambda v: cast(Json, v), show, offered, done=bool)
    return question


def _enumerated(said: str) -> list[list[str]]:
    """The ways a message may list several answers: whole, cut at commas and "and", at «و» before a word, at every space."""
    whole = said.strip()
    cut = re.split(r"[,،;؛/+&\n]|\s(?:et|and|و|w|o)\s", whole)
    ways = ([whole], cut, [piece for part in cut for piece in re.split(r"\sو(?=\w)", part)], whole.split())
    return [named for way in ways if (named := [part.strip() for part in way if part.strip()])]


def yes_no(prompt: Text, *, yes: Text | None = None, no: Text | None = None, explicit: bool = False) -> Question[bool]:
    """Yes or no. `explicit`: a mere "ok" is not enough, only the button or its words (consent under law 09-08)."""
    offered = (
        Option("yes", yes or _("Yes"), AGREED if explicit else (), explicit=explicit),
        Option("no", no or _("No"), REFUSED if explicit else ()),
    )

    def read(heard: Reply) -> bool:
        found = heard.value if heard.value in ("yes", "no") else pick(heard.text, question, heard.languages)
        if found == "yes" and not heard.value and understand.asks(heard.text):
            found = ""  # «نعم؟» is "pardon?"
        if not found and said_no(heard):
            found = "no"
        if not found and said_yes(heard):
            if explicit:
                raise Misread(CLEAR_YES)
            found = "yes"
        if not found:
            raise Misread(CLEAR_YES if explicit else _("Please answer yes or no."))
        return found == "yes"

    def load(kept: Json) -> bool:
        if not isinstance(kept, bool):
            raise Stale
        return kept

    question: Question[bool] = Question(prompt, read, load, bool, lambda v: offered[0 if v else 1].label, offered)
    return question


AGREED = (
    *("j'accepte", "oui j'accepte", "oui, j'accepte", "i agree", "yes i agree", "yes, i agree"),
    *("أوافق", "نعم أوافق", "نعم، أوافق", "موافق", "موافقة", "nwafe9", "kanwafe9"),
)
REFUSED = (
    "je refuse",
    "je n'accepte pas",
    "i do not agree",
    "i don't agree",
    "i refuse",
    "لا أوافق",
    "غير موافق",
    "غير موافقة",
    "أرفض",
    "ma nwafe9ch",
)
CLEAR_YES = _("For this one I need a clear yes: please press the button, or write “I agree”.")


def said_yes(heard: Reply) -> bool:
    """Whether a message says yes to a question of yes or no."""
    return heard.intent in ("yes", "confirm") or understand.folded(heard.text) == lexicon.MAYBE_YES


def said_no(heard: Reply) -> bool:
    return heard.intent == "no"


def _options(options: Sequence[Option] | Mapping[str, Text]) -> tuple[Option, ...]:
    if isinstance(options, Mapping):
        return tuple(Option(value, label) for value, label in options.items())
    return tuple(options)


def pick(said: str, question: Question[Any], languages: Mapping[str, Language]) -> str:
    """The value of the option that was typed, in any language: its label, another name, a unique part; "" if none."""
    plain = understand.polite(understand.folded(said))
    if not plain:
        return ""
    if not question.labels:
        for option in question.options:
            for name in (*(tongue.say(option.label) for tongue in languages.values()), *option.also):
                folded = understand.folded(name)
                question.labels[folded] = (
                    option.value if question.labels.get(folded, option.value) == option.value else ""
                )
    if plain in question.labels:
        return question.labels[plain]
    if len(plain) < 3:
        return ""
    named = {name: value for name, value in question.labels.items() if value}
    partly = {value for name, value in named.items() if _part(plain, name)}
    if len(partly) != 1 and len(plain) >= 4:
        from rapidfuzz import fuzz, process

        near = process.extract(plain, list(named), scorer=fuzz.ratio, score_cutoff=84, limit=3)
        partly = {named[name] for name, _score, _at in near if _figures(name) == _figures(plain)} or partly
    found = partly.pop() if len(partly) == 1 else ""
    return "" if found in {option.value for option in question.options if option.explicit} else found


def _part(plain: str, name: str) -> bool:
    """Whether words are some of an option's, as they stand there: its beginning, or whole words."""
    words = re.split(r"[ ,/'()]+", name)
    return name.startswith(plain) or f" {plain} " in f" {' '.join(words)} " or _bare(plain) in map(_bare, words)


def _bare(word: str) -> str:
    """A folded word without its Arabic article: «أخضر» names «الأخضر»."""
    return word.removeprefix("ال") if len(word) > 4 else word


def _figures(plain: str) -> list[str]:
    """The numbers in a folded text: "2 à 3 ans" is not a slip of the pen for "1 à 3 ans"."""
    return re.findall(r"\d+", plain)


def _number_of(said: str, question: Question[Any]) -> bool:
    """Whether a number is a name of an option, and not only of a line."""
    return understand.polite(understand.folded(said)) in question.labels


# numbers ------------------------------------------------------------------------------------------------------------

_THOUSAND = ("k", "kdh", "mille", "thousand")
_ALF = ("alf", "الف", "الاف", "alaf")
_MILLION = ("m", "mdh", "million", "millions", "مليون", "ملايين")
_MILLIARD = ("milliard", "milliards", "billion", "mlyar", "melyar", "مليار", "ملايير")
_MLYOUN = ("mlyoun", "mlayn", "mlyon", "melyoun", "mlayen")
_DOZENS = (
    "dizaine",
    "douzaine",
    "quinzaine",
    "vingtaine",
    "trentaine",
    "cinquantaine",
    "centaine",
    "dozen",
    "عشرات",
    "مييات",
    "ميات",
)
_MANY = (*_THOUSAND, *_ALF, *_MILLION[1:], *_MLYOUN, *_MILLIARD, *_DOZENS)
_FOREIGN = ("euro", "euros", "eur", "€", "dollar", "dollars", "usd", "$", "£", "يورو", "اورو", "دولار")
_CENTIMES = ("centimes", "centime", "سنتيم", "santim", "santimes")
_RIAL = ("ريال", "rial", "ryal", "rials")
_DIRHAMS = ("dh", "dhs", "mad", "dirham", "dirhams", "drahm", "drahem", "درهم", "دراهم", "درهما", "د.م")
_ABOUT = ("environ", "about", "around", "حوالي", "تقريبا", "ta9riban", "de", "~", "en")


def number(prompt: Text, *, least: int = 0, most: int = 10**9, example: Text | None = None) -> Question[int]:
    """A whole number from `least` to `most`, in digits of any script or as one word."""

    def fits(value: float) -> int:
        if not least <= value <= most:
            raise Misread(_("Please give a number from {least} to {most}.", least=least, most=most))
        if value != int(value):
            raise Misread(_("Please write a whole number, without decimals."))
        return int(value)

    def read(heard: Reply) -> int:
        found = understand.quantity(heard.text)
        if (
            found is None
            or len(beside := found[1].split()) > 3
            or understand.has_number(found[1])
            or any(word in _MANY for word in beside)
        ):
            raise Misread(_("Please write the number in digits, for example 4."))
        return fits(found[0])

    return Question(prompt, read, _whole(fits), int, lambda v: UserText(str(v)), example=example)


def amount(prompt: Text, *, least: int = 0, most: int, example: Text | None = None) -> Question[int]:
    """An amount in whole dirhams, echoed before it counts where speech is ambiguous (a "mlyoun" is 10,000 DH)."""
    in_dirhams = _("Please give an amount from {least} to {most} DH.", least=grouped(least), most=grouped(most))

    def fits(value: float) -> int:
        if not least <= value <= most:
            raise Misread(in_dirhams)
        return round(value)

    def read(heard: Reply) -> int:
        found = understand.quantity(heard.text) or _bare_unit(heard.text)
        if found is None or len(found[1].split()) > 4 or understand.has_number(found[1]):
            raise Misread(_("Please write the amount in digits, for example 150000."))
        value, words = found[0], found[1].split()
        if any(word in _FOREIGN for word in words):
            raise Misread(in_dirhams)
        if all(word in _DIRHAMS or word in _ABOUT for word in words):
            return fits(value)
        readings = [reading for times in _times(words) if least <= (reading := value * times) <= most]
        if not readings:
            fits(value * _times(words)[0])
        offers = [Offer(_("{amount} DH", amount=grouped(round(reading))), round(reading)) for reading in readings]
        raise Misread(_("Just to be sure: which amount do you mean?"), *offers)

    def show(value: int) -> Text:
        return _("{amount} DH", amount=grouped(value))

    return Question(
        prompt, read, _whole(fits), int, show, example=example, echo=lambda v: _("Noted: {amount}.", amount=show(v))
    )


def _bare_unit(said: str) -> tuple[float, str] | None:
    """«مليون درهم» is one of them."""
    plain = understand.polite(understand.folded(said))
    return (1.0, plain) if any(word in (*_MILLION[1:], *_MLYOUN, *_MILLIARD) for word in plain.split()) else None


def _times(words: Sequence[str]) -> list[float]:
    """What the words beside a number may multiply it by, in dirhams, likeliest first: a million is often of centimes."""

    def there(*units: str) -> bool:
        return any(word in units for word in words)

    times = (
        1e9 if there(*_MILLIARD) else 1_000_000.0 if there(*_MILLION) else 1_000.0 if there(*_THOUSAND, *_ALF) else 1.0
    )
    if there(*_MLYOUN):
        return [10_000.0]
    if there(*_RIAL):
        return [times / 20]
    if there(*_CENTIMES):
        return [times / 100]
    return [times, times / 100] if there(*_MILLIARD, *_MILLION, *_ALF) and not there(*_DIRHAMS) else [times]


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


def day(
    prompt: Text, *, earliest: date = date(1950, 1, 1), past: bool = False, example: Text | None = None
) -> Question[date]:
    """A day, as people write it (15/03/2026, "15 mars", «غدا»), echoed with its weekday. `past`: not in the future."""

    def fits(found: date, today: date) -> date:
        if past and found > today:
            raise Misread(_("This date is in the future. Could you check it?"))
        if found < earliest:
            raise Misread(_("This date is before {day}. Could you check it?", day=earliest))
        return found

    def read(heard: Reply) -> date:
        today = heard.now.date()
        try:
            return fits(read_day(heard.text, today, past=past), today)
        except Unclear as why:
            likely = [reading for reading in why.readings if reading >= earliest and not (past and reading > today)]
            if why.readings and not likely:
                fits(why.readings[0], today)
            hint = _("Which day do you mean?") if likely else _("I did not understand the date. Example: 15/03/2026")
            raise Misread(hint, *(Offer(Day(reading), reading.isoformat()) for reading in likely)) from why

    def load(kept: Json) -> date:
        try:
            found = date.fromisoformat(cast(str, kept))
        except (TypeError, ValueError) as why:
            raise Stale from why
        if found < earliest:
            raise Stale
        return found

    def show(value: date) -> Text:
        return Day(value)

    return Question(prompt, read, load, date.isoformat, show, example=example, echo=lambda v: _("Noted: {day}.", day=v))


# addresses ----------------------------------------------------------------------------------------------------------


def phone(prompt: Text, *, region: str = "MA") -> Question[str]:
    """A telephone number in E.164 ("+212612345678"), typed in any usual way; `region` where no country is given."""
    import phonenumbers

    hint = _("This number does not look right. Example: 06 12 34 56 78 or +44…")

    def read(heard: Reply) -> str:
        typed = understand.polite(understand.folded(re.sub(r"\(0\)", "", clean(heard.text))))
        for said in (f"+{typed.lstrip('+')}", typed) if heard.contact else (typed,):
            try:
                found = phonenumbers.parse(said, region)
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_valid_number(found):
                return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
        raise Misread(hint)

    def load(kept: Json) -> str:
        try:
            found = phonenumbers.parse(kept if isinstance(kept, str) else "")
        except phonenumbers.NumberParseException as why:
            raise Stale from why
        return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)

    def show(value: str) -> Text:
        return UserText(
            phonenumbers.format_number(phonenumbers.parse(value), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        )

    return Question(prompt, read, load, str, show, example=_("06 12 34 56 78"), wants_contact=True)


_MAIL_DOMAINS = (
    "gmail.com",
    "hotmail.com",
    "outlook.com",
    "yahoo.com",
    "yahoo.fr",
    "hotmail.fr",
    "outlook.fr",
    "live.fr",
    "icloud.com",
)


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

    def read(heard: Reply) -> str:
        found = fits(_address_in(clean(heard.text)))
        if meant := _mistyped(found):
            raise Misread(
                _("Did you mean {address}?", address=meant),
                Offer(_("Yes"), meant, "yes"),
                Offer(_("No, keep mine"), found, "own"),
            )
        return found

    return Question(prompt, read, _string(fits), str, UserText, example=_("name@example.ma"))


def _address_in(said: str) -> str:
    """The one address in a message, without the words around it and the spaces a keyboard puts around @ and dots."""
    joined = re.sub(
        r"\s*@\s*", "@", re.sub(r"(?<=\w)\s*\.\s*(?=\w{2,}\b)", ".", said) if said.count("@") == 1 else said
    )
    found = [word.strip("<>()[]{},;:!?.«»\"'“”").removeprefix("mailto:") for word in joined.split() if "@" in word]
    return found[0] if len(found) == 1 else joined


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
            host, _port = parts.hostname or "", parts.port
        except ValueError:
            raise Misread(hint) from None
        if parts.scheme.lower() not in ("http", "https") or not re.fullmatch(
            r"[^\W_](?:[\w.-]*[^\W_])?\.[^\W\d_]{2,}", host
        ):
            raise Misread(hint)
        if re.search(r"[\s<>\"\\\x00-\x1f]", address) or parts.username is not None:
            raise Misread(hint)
        if len(address) > longest:
            raise Misread(_("That is a bit long: {max} characters at most.", max=longest))
        return address

    def read(heard: Reply) -> str:
        words = clean(heard.text).split()
        dotted = [word for word in words if "." in word.strip(".")]  # "mon site : exemple.ma"
        return fits((dotted[0] if len(dotted) == 1 else " ".join(words)).strip("<>,;!«»()").rstrip("."))

    return Question(prompt, read, _string(fits), str, UserText, example=_("https://example.ma"))


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
        return Listed(tuple(UserText(file.name) for file in value))

    def load(kept: Json) -> list[File]:
        if not isinstance(kept, list) or not 0 < len(kept) <= most:
            raise Stale
        try:
            return [File.of(one) for one in kept]
        except ValueError as why:
            raise Stale from why

    def read(heard: Reply) -> list[File]:
        if heard.trouble:
            raise Misread(TROUBLES.get(heard.trouble, TROUBLES["unsafe"])(largest))
        picked = load(heard.picked) if heard.picked else []
        if heard.file is None:
            raise Misread(_("Please send a photo or a document here (PDF, JPG, PNG, DOCX, PPTX)."))
        picked = [*picked, heard.file]
        if len(picked) >= most:
            return picked
        note = _("Received: {files}. Send another page or file, or press “Done”.", files=show(picked))
        raise PartialAnswer([file.kept() for file in picked], note)

    def keep(value: list[File]) -> Json:
        return [file.kept() for file in value]

    return Question(prompt, read, load, keep, show, done=bool, wants_file=True)
