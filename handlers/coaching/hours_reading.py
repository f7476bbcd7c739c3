"""A coach's sentence about their hours, read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from handlers.talk import lexicon
from handlers.talk.understand import folded, split
from handlers.talk.when import Unclear, read_day, weekday_of


@dataclass(frozen=True, slots=True)
class Wish:
    """What a sentence asks for: `weekday` or `day`, hours or none, where, and open or closed."""

    opens: bool
    weekday: int | None
    day: date | None
    start: int | None
    end: int | None
    place: str
    since: date | None = None
    until: date | None = None


_RANGE = re.compile(
    r"(\d{1,2})(?:\s*[h:]\s*([0-5]\d)?)?\s*(?:-|–|a|to|au?x?|حتي|الي|7ta(?:l)?|jusqu'a|until)\s*(\d{1,2})(?:\s*[h:]\s*([0-5]\d)?)?\b"
)

_DATES = re.compile(r"(?:du|from|من)\s+(\S+(?: \S+)?)\s+(?:au|to|until|الي|حتي)\s+(\S+(?: \S+)?)$")


def read_wish(said: str, today: date) -> Wish:
    """ "lundi 9h-12h en ligne", "fermer vendredi", "absent le 27/11", «الاثنين من 9 إلى 12». ValueError if it is none of these."""
    said = re.sub(r"\(.*?\)", " ", said)  # "(Ramadan)"
    plain = folded(re.sub(r"(?<=[\dh])\s*[-–—]\s*(?=\d)", " a ", re.sub(r"(?<=\d):(?=\d)", "h", said)))
    closes = any(re.search(rf"(?<!\w){re.escape(folded(word))}(?!\w)", plain) for word in split(lexicon.CLOSE))
    online = any(folded(word) in plain for word in split(lexicon.ONLINE))
    both = any(folded(word) in plain for word in split(lexicon.BOTH_PLACES))
    place = "both" if both else "online" if online else "site"
    start = end = None
    rest = plain
    for words in (lexicon.CLOSE, lexicon.ONLINE, lexicon.BOTH_PLACES, lexicon.ON_SITE, lexicon.OPEN):
        for word in sorted(split(words), key=len, reverse=True):
            rest = re.sub(rf"(?<!\w){re.escape(folded(word))}(?!\w)", " ", rest)
    since = until = None
    if found := _DATES.search(rest):
        try:
            since, until = read_day(found[1], today), read_day(found[2], today)
            rest = rest[: found.start()]
        except Unclear:
            since = until = None
    if found := _RANGE.search(rest):
        start, end = int(found[1]) * 60 + int(found[2] or 0), int(found[3]) * 60 + int(found[4] or 0)
        if end <= start and end <= 720:
            end += 720  # "9-5"
        if not 0 <= start < end <= 1440:
            raise ValueError(said)
        rest = rest[: found.start()] + " " + rest[found.end() :]
    rest = " ".join(
        word
        for word in rest.split()
        if word not in ("de", "from", "من", "les", "chaque", "every", "كل", "tous", "le", "on", "kol")
    )
    weekday = weekday_of(rest)
    if weekday is not None:
        if not closes and start is None:
            raise ValueError(said)
        return Wish(not closes, weekday, None, start, end, place, since, until)
    try:
        day = read_day(rest, today)
    except Unclear as unclear:
        if len(unclear.readings) != 1:
            raise ValueError(said) from None
        day = unclear.readings[0]
    if not closes and start is None:
        raise ValueError(said)
    return Wish(not closes, None, day, None if closes else start, None if closes else end, place)
