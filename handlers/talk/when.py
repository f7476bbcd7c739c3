"""A day as people write it: 15/03/2026, "15 mars", «٢٥ نونبر», "jeudi prochain", "ghedda". Own grammar, as general
date parsers read "25/11" as a time and do not know Moroccan months; whoever uses it echoes the day found."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

from handlers.talk import lexicon
from handlers.talk.understand import count, folded, polite, split

_NEXT = frozenset(
    folded(w)
    for w in (
        "prochain",
        "prochaine",
        "next",
        "القادم",
        "المقبل",
        "القادمة",
        "المقبلة",
        "jay",
        "jaya",
        "الجاي",
        "الجاية",
    )
)
_LAST = frozenset(
    folded(w) for w in ("dernier", "dernière", "passé", "last", "الماضي", "الماضية", "الفارط", "الفارطة", "lli fat")
)
_NOISE = frozenset(
    folded(w)
    for w in (
        "le",
        "la",
        "du",
        "de",
        "en",
        "on",
        "the",
        "of",
        "in",
        "يوم",
        "في",
        "من",
        "بتاريخ",
        "nhar",
        "f",
        "سنة",
        "عام",
        "année",
        "an",
    )
)
_NUMERIC = re.compile(r"(\d{1,4})\s*[/. ]\s*(\d{1,2})(?:\s*[/. ]\s*(\d{1,4}))?")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[/. ]\s*(\d{4})")


class Unclear(Exception):
    """No day, or several: `readings` are those it may mean, likeliest first."""

    def __init__(self, *readings: date) -> None:
        self.readings = readings


def read_day(text: str, today: date, *, past: bool = False) -> date:
    """The day meant; without a year the nearest one ahead (`past`: behind). Unclear if none, more than one, or not sure."""
    plain = polite(re.sub(r"\b(\d{1,2}) ?(?:er|ere|re|st|nd|rd|th)\b", r"\1", folded(text.replace("-", "/"))))
    if plain in _relative():
        return today + timedelta(days=_relative()[plain])
    words = _marched([part for word in plain.split() if word not in _NOISE for part in _parted(word)])
    weekdays = [_weekdays()[word] for word in words if word in _weekdays()]
    rest = [word for word in words if word not in _weekdays()]
    if not any(re.search(r"\d", word) or _month(word) for word in rest):
        return _weekday(weekdays, rest, today, past)
    figures = " ".join(rest)
    if found := _NUMERIC.fullmatch(figures):
        day = _numeric(found, today, past)
    elif found := _MONTH_YEAR.fullmatch(figures):
        raise Unclear(_day(int(found[2]), int(found[1]), 1))
    elif re.fullmatch(r"\d{8}", figures):
        raise Unclear(*_run_together(figures))
    elif len(dated := [found for word in rest if (found := _NUMERIC.fullmatch(word)) and found[3]]) == 1:
        raise Unclear(_numeric(dated[0], today, past))  # "15/03/2026 à 10h"
    else:
        day = _written(figures.replace("/", " ").split(), today, past)
    if any(weekday != day.weekday() for weekday in weekdays):
        raise Unclear(day)  # "jeudi 25 novembre", which is a Wednesday
    return day


def _weekday(weekdays: list[int], rest: list[str], today: date, past: bool) -> date:
    """A weekday alone: the nearest one, never today."""
    if len(weekdays) != 1 or any(word not in _NEXT and word not in _LAST for word in rest):
        raise Unclear
    behind = (today.weekday() - weekdays[0]) % 7 or 7
    if any(word in _LAST for word in rest) or (past and not rest):
        return today - timedelta(days=behind)
    ahead = (weekdays[0] - today.weekday()) % 7 or 7
    near = today + timedelta(days=ahead)
    if rest and ahead + today.weekday() < 7:
        raise Unclear(near + timedelta(days=7), near)  # "jeudi prochain", said on a Monday
    return near


def _numeric(found: re.Match[str], today: date, past: bool) -> date:
    """Day and month, in Morocco's order; the year first or last, or none. Only an impossible month turns the order round."""
    first, second = int(found[1]), int(found[2])
    if first > 31:
        if found[3] is None:
            raise Unclear(_day(_year(found[1], today, past), second, 1))
        return _day(_year(found[1], today, past), second, int(found[3]))
    day, month = (first, second) if second <= 12 else (second, first)
    return _near(day, month, today, past) if found[3] is None else _day(_year(found[3], today, past), month, day)


def _run_together(figures: str) -> list[date]:
    """The days that eight figures without a separator may be: 15032026, 20260315."""
    found = []
    for year, month, day in ((figures[4:], figures[2:4], figures[:2]), (figures[:4], figures[4:6], figures[6:])):
        try:
            day_ = date(int(year), int(month), int(day))
        except ValueError:
            continue
        if 1900 <= day_.year <= 2100:
            found.append(day_)
    return found


def _written(words: list[str], today: date, past: bool) -> date:
    """A day with its month in words, or as "chhar 3". What else stands in the message makes it a reading to confirm."""
    months: list[int] = []
    figures: list[str] = []
    others = 0
    at = 0
    while at < len(words):
        word, follows = words[at], count(words[at + 1]) if at + 1 < len(words) else None
        if word in _month_marks() and follows is not None and 1 <= follows <= 12:
            months.append(follows)
            at += 1
        elif found := _month(word):
            months.append(found)
        elif word in _month_marks():
            pass
        elif word.isdecimal() and len(word) in (1, 2, 4):
            figures.append(word)
        elif word in _firsts():
            figures.append("1")
        elif (named := count(word)) is not None and named <= 31 and not word.isdecimal():
            figures.append(str(named))
        else:
            others += 1
        at += 1
    if len(months) != 1 or not 1 <= len(figures) <= 2:
        raise Unclear
    if len(figures) == 1 and len(figures[0]) == 4:
        raise Unclear(_day(int(figures[0]), months[0], 1))
    if len(figures[0]) == 4:
        figures.reverse()
    day = (
        _day(_year(figures[1], today, past), months[0], int(figures[0]))
        if len(figures) == 2
        else _near(int(figures[0]), months[0], today, past)
    )
    if others:
        raise Unclear(day)
    return day


def _near(day: int, month: int, today: date, past: bool) -> date:
    """The nearest such day, today included; the 29th of February may be years away."""
    for years in range(9):
        try:
            found = date(today.year - years if past else today.year + years, month, day)
        except ValueError:
            continue
        if (found <= today) if past else (found >= today):
            return found
    raise Unclear


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unclear from None


def _year(written: str, today: date, past: bool) -> int:
    """A year of four figures, or of two: the latest that may be meant."""
    if len(written) not in (2, 4):
        raise Unclear
    year = int(written)
    latest = today.year + 10 if past else 2069
    return year if len(written) == 4 else 2000 + year if 2000 + year <= latest else 1900 + year


def _month(word: str) -> int:
    """The number of a month by its name, one wrong letter allowed in a long one; 0 for another word."""
    from rapidfuzz.distance import DamerauLevenshtein

    if word in _months():
        return _months()[word]
    near = {
        at
        for name, at in _months().items()
        if min(len(word), len(name)) > 5 and DamerauLevenshtein.distance(word, name) == 1
    }
    return near.pop() if len(near) == 1 else 0


def _parted(word: str) -> list[str]:
    """A word, or the day, month and year written without spaces: "12mars2025"."""
    found = re.fullmatch(r"(\d{1,2})([^\W\d_]{3,})(\d{4})?", word)
    return [part for part in found.groups() if part] if found and _month(found[2]) else [word]


def _marched(words: list[str]) -> list[str]:
    """The words with "mar" told apart: "15 mar 2026" is March, "mar 15 sept" is a Tuesday."""
    if "mar" not in words or not any(word.isdecimal() for word in words) or any(_month(word) for word in words):
        return words
    return ["mars" if word == "mar" else word for word in words]


@cache
def _relative() -> dict[str, int]:
    days = {"before_yesterday": -2, "yesterday": -1, "today": 0, "tomorrow": 1, "day_after": 2}
    return {
        folded(word.replace("-", "/")): ahead for name, ahead in days.items() for word in split(lexicon.TIMES[name])
    }


@cache
def _months() -> dict[str, int]:
    return {folded(word): at + 1 for at, words in enumerate(lexicon.MONTHS) for word in split(words)}


@cache
def _month_marks() -> frozenset[str]:
    return frozenset(folded(word) for word in split(lexicon.MONTH))


@cache
def _firsts() -> frozenset[str]:
    return frozenset(folded(word) for word in split(lexicon.FIRST_OF_MONTH))


@cache
def _weekdays() -> dict[str, int]:
    return {folded(word): at for at, words in enumerate(lexicon.WEEKDAYS) for word in split(words)}


# the time of day ----------------------------------------------------------------------------------------------------

_CLOCK = re.compile(
    r"(?:\b(?:a|at|vers|m3a|maa|sa3a|s3a|f|مع|علي)\s+)?(?:(?:ال)?ساعه\s+)*\b(\d{1,2}) ?(?:h|heures?|:|sa3a|س) ?([0-5]\d)?\b(?!\d)"
)
_AT = re.compile(r"(?:\b(?:a|at|vers|m3a|maa|sa3a|s3a|مع|علي)\s+(?:(?:ال)?ساعه\s+)*|(?:(?:ال)?ساعه\s+)+)(\d{1,2})\b")
_PM = re.compile(r"\b(\d{1,2})(?: ?[:h] ?([0-5]\d))? ?(am|pm)\b")
_BEFORE_TIME = frozenset(("a", "at", "vers", "m3a", "maa", "sa3a", "s3a", "مع", "علي", "الساعه", "ساعه", "f"))
_LAST_NUMBER = re.compile(r"\s(\d{1,2})$")
EARLIEST = 7  # an hour before it is meant after noon: nobody meets at three in the morning


def read_moment(text: str, today: date) -> tuple[date | None, int | None]:
    """The day and the time (minutes after midnight) a message names; None for what it does not name. Read generously, as
    whoever uses it has it confirmed. Unclear if the day cannot be read, or there is neither."""
    rest, minute, half = _timed(text)
    words = " ".join(word for word in rest.split() if word not in _NOISE and word not in _BEFORE_TIME)
    if minute is not None:
        return (_loosely(words, today) if words else None), minute
    try:
        return _loosely(words, today), None
    except Unclear:
        # "ghedda 10", "jeudi 10": after a day without a number, a number is the time
        found = _LAST_NUMBER.search(words)
        if found is None or int(found[1]) > 23:
            raise
        return _loosely(words[: found.start()], today), _minutes(int(found[1]), 0, half)


def _loosely(words: str, today: date) -> date:
    """The one day that stands in a message among other words: "bghit ghedda", "le 26"."""
    try:
        return read_day(words, today)
    except Unclear as unclear:
        if unclear.readings:
            raise
    said = words.split()
    for length in (3, 2, 1):
        found = set()
        for at in range(len(said) - length + 1):
            part = " ".join(said[at : at + length])
            if part.isdecimal() and len(part) <= 2:
                found.add(_of_month(int(part), today))
                continue
            try:
                found.add(read_day(part, today))
            except Unclear:
                continue
        if len(found) == 1:
            return found.pop()
        if found:
            raise Unclear(*sorted(found))
    raise Unclear


def _of_month(number: int, today: date) -> date:
    """The next day with this number."""
    for ahead in range(62):
        if (day := today + timedelta(days=ahead)).day == number:
            return day
    raise Unclear


def _timed(text: str) -> tuple[str, int | None, str]:
    """The words without the time of day, the time in minutes after midnight (None if there is none), and am or pm."""
    plain, half = folded(re.sub(r"(?<=\d):(?=\d)", "h", text)), ""
    for hour, named in _hours():
        plain = re.sub(rf"(?<!\w){named}(?!\w)", f"ساعه {hour}", plain)
    for part, words in (("am", _mornings()), ("pm", _afternoons())):
        for word in words:
            if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", plain):
                half = part
                plain = " ".join(
                    re.sub(rf"(?:\b(?:du|de|in|dyal|ديال)\s+)?(?<!\w){re.escape(word)}(?!\w)", " ", plain).split()
                )
    for pattern in (_PM, _CLOCK, _AT):
        if (found := pattern.search(plain)) and int(found[1]) <= 24:
            said = found[3] if pattern is _PM else half
            minute = _minutes(int(found[1]), int(found[2] or 0) if pattern is not _AT else 0, said)
            return " ".join((plain[: found.start()] + " " + plain[found.end() :]).split()), minute, said
    return plain, None, half


def _minutes(hour: int, minute: int, half: str) -> int:
    if (half == "pm" and hour < 12) or (not half and hour < EARLIEST):
        hour += 12
    return (hour % 24) * 60 + minute


def weekday_of(words: str) -> int | None:
    """The weekday that a few words are, Monday being 0; None for others. Plurals count: "les lundis"."""
    plain = folded(words)
    return _weekdays().get(plain, _weekdays().get(plain.removesuffix("s")))


@cache
def _hours() -> tuple[tuple[int, str], ...]:
    """Hours by their Arabic names, the long ones first: "الثانية عشرة" before "الثانية"."""
    return tuple(sorted(((hour, folded(word)) for hour, word in lexicon.HOURS.items()), key=lambda row: -len(row[1])))


@cache
def _mornings() -> tuple[str, ...]:
    return _long_first(lexicon.TIMES["morning"])


@cache
def _afternoons() -> tuple[str, ...]:
    return (*_long_first(lexicon.TIMES["afternoon"]), *_long_first(lexicon.TIMES["evening"]))


def _long_first(words: str) -> tuple[str, ...]:
    named = {folded(word) for word in split(words)} - {"am", "pm"}
    return tuple(sorted(named, key=len, reverse=True))
