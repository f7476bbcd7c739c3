"""Marked text becomes a person's language: catalogs, plurals, dates, and names kept in order inside Arabic.

A sentence is written once, in English, inside `_()`; what staff wrote is a `Written` in three languages; what a
founder wrote is a plain `str`. None of them is a language until a `Tongue` says it, at the very end of a turn.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TypeAlias

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES = ("ar", "fr", "en")
LOCALES = {"ar": "ar_MA", "fr": "fr_MA", "en": "en_GB"}  # ar_MA: the months as Moroccans write them
_AT = {"ar": "على الساعة", "fr": "à", "en": "at"}
OWN_NAMES = {"ar": "العربية", "fr": "Français", "en": "English"}

ISOLATE, END = "\u2068", "\u2069"  # first strong isolate ... pop: what stands between keeps its own direction
_RTL_LETTER = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LATIN_RUN = re.compile(
    r"\{\w*\}|(?<![A-Za-z0-9_/])[A-Za-z][A-Za-z0-9_À-ÿ'’.+-]*(?:(?: & | ?[:/@?=&#–-]{1,3} ?| )[A-Za-z0-9][A-Za-z0-9_À-ÿ'’.+-]*)*(?<![.])"
)
_MARKS = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class Text:
    """Something sayable in each of our languages."""

    __slots__ = ()

    @abstractmethod
    def into(self, tongue: Language) -> str: ...

    def __str__(self) -> str:
        raise TypeError("a Text becomes a string only through Tongue.say: nothing else knows the language")


Part: TypeAlias = "Text | str | int | date | datetime"


@dataclass(frozen=True, slots=True, eq=False)
class Sentence(Text):
    """One of our own sentences, by its English original; `n` chooses among plural forms."""

    msgid: str
    parts: Mapping[str, Part]
    plural: str = ""
    n: int | None = None

    def into(self, tongue: Language) -> str:
        found = tongue.messages.get(self.msgid)
        if found is None:
            found = self.msgid if self.n in (None, 1) else self.plural
        elif isinstance(found, tuple):
            found = found[tongue.form(self.n or 0)]
        return tongue.fill(found, self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class StaffText(Text):
    """What staff wrote in the programme file, in every language."""

    by_language: Mapping[str, str]
    parts: Mapping[str, Part] = field(default_factory=dict)

    def into(self, tongue: Language) -> str:
        return tongue.fill(self.by_language[tongue.code], self.parts)

    def with_(self, **parts: Part) -> StaffText:
        """The same text with (more of) its {placeholders} filled."""
        return StaffText(self.by_language, {**self.parts, **parts})


@dataclass(frozen=True, slots=True, eq=False)
class UserText(Text):
    """A founder's own words, shown back as they were written."""

    words: str

    def into(self, tongue: Language) -> str:
        return tongue.isolate(self.words)


@dataclass(frozen=True, slots=True, eq=False)
class Joined(Text):
    """Several texts, one after the other."""

    texts: tuple[Text, ...]
    between: str = "\n"

    def into(self, tongue: Language) -> str:
        return self.between.join(tongue.say(text) for text in self.texts)


@dataclass(frozen=True, slots=True, eq=False)
class Listed(Text):
    """Several texts as one enumeration: "a, b" (Arabic: «a، b»)."""

    texts: tuple[Text, ...]

    def into(self, tongue: Language) -> str:
        return ("، " if tongue.rtl else ", ").join(tongue.say(text) for text in self.texts)


@dataclass(frozen=True, slots=True, eq=False)
class Verbatim(Text):
    """Text that is the same in every language, such as the name of a language."""

    words: str

    def into(self, tongue: Language) -> str:
        return self.words


@dataclass(frozen=True, slots=True, eq=False)
class Day(Text):
    """A day with its weekday, as it is written in each language."""

    day: date

    def into(self, tongue: Language) -> str:
        return tongue.day(self.day)


@dataclass(frozen=True, slots=True, eq=False)
class Time(Text):
    """The time of a local moment, `14:30`; with its day in short where `day` is set, as a button has room for: `jeu. 26 nov. 14:30`."""

    moment: datetime
    day: bool = False

    def into(self, tongue: Language) -> str:
        return tongue.short(self.moment) if self.day else tongue.clock(self.moment)


@dataclass(frozen=True, slots=True, eq=False)
class Weekday(Text):
    """A day of the week by its number; Monday is 0."""

    number: int

    def into(self, tongue: Language) -> str:
        return str(tongue.locale.days["stand-alone"]["wide"][self.number])


@dataclass(frozen=True, slots=True, eq=False)
class Decimal(Text):
    """A number with one decimal, with the comma or the point of the language."""

    value: float

    def into(self, tongue: Language) -> str:
        return format_decimal(self.value, "0.0", locale=tongue.locale)


def _(msgid: str, **parts: Part) -> Sentence:
    """A whole sentence of ours, with its named parts."""
    return Sentence(msgid, parts)


def n_(one: str, many: str, n: int, **parts: Part) -> Sentence:
    """A sentence with a count: `{n}` and the right plural form (Arabic has six)."""
    return Sentence(one, {"n": n, **parts}, many, n)


IN_LANGUAGE: Mapping[str, Text] = {"ar": _("in Arabic"), "fr": _("in French"), "en": _("in English")}


def grouped(value: int) -> str:
    """1500000 as 1 500 000, with no-break spaces: readable in all three languages, and never taken for decimals."""
    return f"{value:,}".replace(",", "\u00a0")


def dirhams(amount: int) -> Text:
    """An amount of money."""
    return _("{amount} DH", amount=grouped(amount))


def telephone(number: str) -> Text | None:
    """A telephone number in E.164, spaced for reading; None if it is none."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    return UserText(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def lines(texts: Iterable[Text]) -> Joined:
    """The texts, one a line."""
    return Joined(tuple(texts))


def paragraphs(texts: Iterable[Text]) -> Joined:
    """The texts with an empty line between them."""
    return Joined(tuple(texts), "\n\n")


def clean(words: str) -> str:
    """A founder's words without marks that could turn their neighbours around, and without NUL."""
    return _MARKS.sub("", words).replace("\x00", "").strip()


def isolate_latin(text: str) -> str:
    """An Arabic text in which every Latin run stands between isolates; {placeholders} are left to `fill`."""
    return _LATIN_RUN.sub(lambda run: run[0] if run[0][0] == "{" else f"{ISOLATE}{run[0]}{END}", text)


def plain(said: str) -> str:
    """Without the marks of direction, which only screens need: for cells, files and terminals."""
    return said.replace(ISOLATE, "").replace(END, "")


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its sentences, its plural rule and its dates."""

    code: str
    locale: Locale
    messages: Mapping[str, str | tuple[str, ...]]
    form: Callable[[int], int]

    @property
    def rtl(self) -> bool:
        return self.code == "ar"

    def say(self, text: Text | str) -> str:
        """The words a person reads."""
        return text.into(self) if isinstance(text, Text) else self.isolate(text)

    def isolate(self, words: str) -> str:
        """Foreign words set apart, so that they cannot reorder the sentence around them."""
        if self.rtl or _RTL_LETTER.search(words):
            return f"{ISOLATE}{words}{END}"
        return words

    def fill(self, template: str, parts: Mapping[str, Part]) -> str:
        if not parts:
            return template
        return template.format_map({name: self._part(part) for name, part in parts.items()})

    def _part(self, part: Part) -> str:
        if isinstance(part, Text):
            return part.into(self)
        if isinstance(part, str):
            return self.isolate(part)
        if isinstance(part, datetime):
            return self.moment(part)
        if isinstance(part, date):
            return self.day(part)
        return str(part)

    def day(self, day: date) -> str:
        """`lundi 16 août 2027`, `الاثنين 16 غشت 2027`."""
        return _MARKS.sub("", format_date(day, _pattern(self.code, "EEEE d MMMM y", day), locale=self.locale))

    def date(self, day: date) -> str:
        """`16 août 2027`, without the weekday."""
        return _MARKS.sub("", format_date(day, _pattern(self.code, "d MMMM y", day), locale=self.locale))

    def clock(self, moment: datetime) -> str:
        """`14:30`, of a local time."""
        return format_time(moment, "HH:mm", locale=self.locale)

    def short(self, moment: datetime) -> str:
        """`jeu. 26 nov. 14:30`, of a local time."""
        return _MARKS.sub("", format_datetime(moment, "EEE d MMM HH:mm", locale=self.locale, tzinfo=moment.tzinfo))

    def moment(self, moment: datetime) -> str:
        """`lundi 16 août à 14:30`, of a local time: a moment that is told is near, and needs no year."""
        pattern = _pattern(self.code, f"EEEE d MMMM '{_AT[self.code]}' HH:mm", moment)
        return _MARKS.sub("", format_datetime(moment, pattern, locale=self.locale, tzinfo=moment.tzinfo))


def _pattern(code: str, written: str, day: date) -> str:
    """How a date is written; French counts the first of a month differently: `1er mars`."""
    return written.replace("d MMMM", "d'er' MMMM") if code == "fr" and day.day == 1 else written


@cache
def read_languages(folder: Path) -> dict[str, Language]:
    """Every language by its code, from `<folder>/<code>/LC_MESSAGES/mouwakib.po`."""
    return {code: _read(code, folder / code / "LC_MESSAGES" / "mouwakib.po") for code in LANGUAGES}


def _read(code: str, path: Path) -> Language:
    with path.open("rb") as file:
        catalog = read_po(file, locale=code)
    messages: dict[str, str | tuple[str, ...]] = {}
    dress = isolate_latin if code == "ar" else str
    for message in catalog:
        forms = message.string if isinstance(message.string, tuple) else (str(message.string or ""),)
        if not message.id or message.fuzzy or not all(forms):
            continue
        if isinstance(message.id, tuple):
            messages[message.id[0]] = tuple(dress(form) for form in forms)
        else:
            messages[str(message.id)] = dress(forms[0])
    return Language(code, Locale.parse(LOCALES[code]), messages, _form(code, catalog.plural_expr))


def _form(code: str, expression: str) -> Callable[[int], int]:
    from gettext import c2py  # the catalog's own rule, in C's syntax

    rule: Callable[[int], int] = c2py(expression)
    return rule
