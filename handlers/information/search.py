"""Finds the answer to a question typed freely, in any of the three languages or in Darija, at any moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from handlers.programme.model import Programme
from handlers.talk import lexicon, understand
from handlers.talk.words import StaffText, Text

SURE, NEAR = 86, 68  # of 100, by rapidfuzz: answer at once; ask "did you mean?"


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, how sure we are of it (0-100), and the command that gives it."""

    ask: Text
    answer: tuple[Text, ...]
    label: Text
    command: str
    score: float


def find(programme: Programme, said: str, most: int = 3) -> list[Found]:
    """The answers that fit a message, the best first; none below `NEAR`."""
    plain = understand.polite(understand.folded(said))
    if len(plain) < 3:
        return []
    known, spellings = _index(programme)
    near = process.extract(plain, spellings, scorer=_alike, score_cutoff=NEAR, limit=12)
    best: dict[int, float] = {}
    for _spelling, score, at in near:
        entry = known[at]
        best[entry] = max(best.get(entry, 0), score)
    for entry, score in _touched(programme, plain):
        best[entry] = max(best.get(entry, 0), score)
    entries = _entries(programme)
    return sorted((_scored(entries[at], score) for at, score in best.items()), key=lambda found: -found.score)[:most]


def _touched(programme: Programme, plain: str) -> Iterator[tuple[int, float]]:
    """Entries whose topic is named in a short message: «فين كاين المقر» asks where, though no entry is worded so."""
    words = len(plain.split())
    if words > 7:
        return
    said = f" {plain} "
    for entry, phrases in enumerate(_phrases(programme)):
        if any(phrase in said for phrase in phrases):
            yield entry, float(SURE if words <= 4 else NEAR + 4)


@cache
def _phrases(programme: Programme) -> list[list[str]]:
    """How each entry's topics are named, and its other words; those of fewer than four letters mean too many things."""
    asks = [entry.words for entry in programme.faq]
    for service in programme.services.values():
        asks += [service.words, *(entry.words for entry in service.questions)]
    named = [
        [word for topic in topics for word in understand.split(lexicon.INTENTS.get(topic, ""))]
        for topics in _topics(programme)
    ]
    return [
        [f" {plain} " for word in (*words, *more) if len(plain := understand.folded(word)) >= 4]
        for words, more in zip(asks, named, strict=True)
    ]


def about(programme: Programme, topic: str) -> Found | None:
    """The answer to a meaning the bot knows by itself, such as "price"."""
    for entry, topics in zip(_entries(programme), _topics(programme), strict=True):
        if topic in topics:
            return _scored(entry, 100)
    return None


def _scored(found: Found, score: float) -> Found:
    return Found(found.ask, found.answer, found.label, found.command, score)


def _alike(asked: str, other: str, *, score_cutoff: float | None = None) -> float:
    """How alike two folded questions are: the whole, or the same words in any order where both are long enough."""
    whole = fuzz.ratio(asked, other)
    if min(len(asked), len(other)) < 8:
        return whole
    return max(
        whole,
        fuzz.token_sort_ratio(asked, other),
        fuzz.token_set_ratio(asked, other) - 6 if min(len(asked.split()), len(other.split())) > 2 else 0,
    )


@cache
def _entries(programme: Programme) -> list[Found]:
    entries = [
        Found(programme.say(e.ask), (programme.say(e.answer),), e.label or e.ask, f"/faq {at}", 0)
        for at, e in enumerate(programme.faq, 1)
    ]
    for id, service in programme.services.items():
        answer = [programme.say(service.answer)]
        if service.until_open is not None and programme.site != "open":
            answer.append(programme.say(service.until_open))
        entries.append(Found(service.name, tuple(answer), service.name, f"/services {id}", 0))
        for at, entry in enumerate(service.questions, 1):
            label = entry.label or entry.ask
            entries.append(
                Found(programme.say(entry.ask), (programme.say(entry.answer),), label, f"/services {id} {at}", 0)
            )
    return entries


@cache
def _topics(programme: Programme) -> list[list[str]]:
    listed = [entry.topics for entry in programme.faq]
    for service in programme.services.values():
        listed += [service.topics, *(entry.topics for entry in service.questions)]
    return listed


@cache
def _index(programme: Programme) -> tuple[list[int], list[str]]:
    """Every spelling, folded, and beside it the number of its entry."""
    asks: list[tuple[Sequence[StaffText], Sequence[str]]] = [
        ((e.ask, *([e.label] if e.label else [])), e.words) for e in programme.faq
    ]
    for service in programme.services.values():
        asks.append(((service.name,), service.words))
        asks += [((e.ask, *([e.label] if e.label else [])), e.words) for e in service.questions]
    numbers, spellings = [], []
    for at, (texts, words) in enumerate(asks):
        for spelling in (*(said for text in texts for said in text.by_language.values()), *words):
            numbers.append(at)
            spellings.append(understand.folded(spelling))
    return numbers, spellings
