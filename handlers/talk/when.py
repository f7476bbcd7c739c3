"""A day as people write it: 15/03/2026, "15 mars", «٢٥ نونبر», "jeudi prochain", "ghedda". Own grammar, as general
date parsers read "25/11" as a time and do not know Moroccan months; whoever uses it echoes the day found."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

from handlers.talk import lexicon
from handlers.talk.understand import folded, split

_NEXT = frozenset(folded(w) for w in ("prochain", "prochaine", "next", "القادم", "المقبل", "القادمة", "المقبلة", "jay", "jaya", "الجاي", "الجاية"))
_NOISE = frozenset(folded(w) for w in ("le", "la", "du", "de", "on", "the", "of", "يوم", "في", "nhar", "f", "شهر", "chhar", "سنة", "عام"))
_NUMERIC = re.compile(r"(\d{1,4})\s*[/. ]\s*(\d{1,2})(?:\s*[/. ]\s*(\d{1,4}))?")


class Unclear(Exception):
    """No day, or several: `readings` are those it may mean, likeliest first."""

    def __init__(self, *readings: date) -> None:
        self.readings = readings


def read_day(text: str, today: date, *, past: bool = False) -> date:
    """The day meant; without a year the nearest one ahead (`past`: behind). Unclear if none, or more than one."""
    plain = re.sub(r"\b(\d+)(er|st|nd|rd|th)\b", r"\1", folded(text.replace("-", "/")))
    if plain in _relative():
        return today + timedelta(days=_relative()[plain])
    if found := _NUMERIC.fullmatch(plain):
        return _numeric(found, today, past)
    return _named([word for word in plain.replace("/", " ").split() if word not in _NOISE], today, past)


def _numeric(found: re.Match[str], today: date, past: bool) -> date:
    first, second, third = int(found[1]), int(found[2]), int(found[3]) if found[3] else None
    if first > 31:
        return _day(first, second, third or 1)
    if third is None:
        return _near(first, second, today, past)
    return _day(_year(third), second, first) if second <= 12 else _day(_year(third), first, second)


def _named(words: list[str], today: date, past: bool) -> date:
    months = [(at, _months()[word]) for at, word in enumerate(words) if word in _months()]
    figures = [int(word) for word in words if word.isdigit()]
    if len(months) == 1:
        month = months[0][1]
        days, years = [n for n in figures if n <= 31], [n for n in figures if n > 31]
        if len(days) == 2 and not years:
            days, years = days[:1], days[1:]
        if len(days) == 1:
            return _day(_year(years[0]), month, days[0]) if years else _near(days[0], month, today, past)
        if not days and years:
            raise Unclear(_day(_year(years[0]), month, 1))
        raise Unclear
    weekdays = [_weekdays()[word] for word in words if word in _weekdays()]
    rest = [word for word in words if word not in _weekdays() and word not in _NEXT]
    if len(weekdays) == 1 and not rest and not past:
        ahead = (weekdays[0] - today.weekday()) % 7 or 7
        near = today + timedelta(days=ahead)
        if any(word in _NEXT for word in words) and ahead + today.weekday() < 7:
            raise Unclear(near + timedelta(days=7), near)  # "jeudi prochain", said on a Monday
        return near
    raise Unclear


def _near(day: int, month: int, today: date, past: bool) -> date:
    years = (today.year, today.year - 1) if past else (today.year, today.year + 1)
    for year in years:
        found = _day(year, month, day)
        if (found <= today) if past else (found >= today):
            return found
    raise Unclear


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unclear from None


def _year(written: int) -> int:
    return written if written > 99 else 2000 + written if written < 70 else 1900 + written


@cache
def _relative() -> dict[str, int]:
    days = {"today": 0, "tomorrow": 1, "day_after": 2}
    return {folded(word): ahead for name, ahead in days.items() for word in split(lexicon.TIMES[name])}


@cache
def _months() -> dict[str, int]:
    return {folded(word): at + 1 for at, words in enumerate(lexicon.MONTHS) for word in split(words)}


@cache
def _weekdays() -> dict[str, int]:
    return {folded(word): at for at, words in enumerate(lexicon.WEEKDAYS) for word in split(words)}
