"""What confirms a deed: one rule for every conversation.

A button, its number, or a message that says yes, or names the very deed, and nothing else. Anything with a condition,
a question, an alternative or a new fact is no yes: it is read again, or asked again.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from handlers.talk import lexicon, understand

_DECIDES = ("yes", "no", "next", "back", "skip", "done", None)  # meanings that name no deed of their own
_LONGEST = 4  # words of a phrase


def confirms(said: str, deed: Iterable[str] = ()) -> bool:
    """Whether a message says yes, or names the deed (`deed`: how its button is called), and says nothing else."""
    words = _words_of(said)
    if not words or understand.asks(said):
        return False
    names = [word for name in deed for word in _words_of(name)]
    rest = _without(words, _yes())
    named = [word for word in rest if _names(word, names)]
    return (bool(named) or len(rest) < len(words)) and all(word in named or word in _small() for word in rest)


def agrees(said: str) -> bool:
    """Whether a message agrees in so many words, and says nothing else: what consent needs. A mere "ok" does not."""
    words = _words_of(said)
    rest = _without(words, _agreement())
    if len(rest) == len(words) or understand.asks(said):
        return False
    return all(word in _small() for word in _without(rest, _yes()))


def _words_of(said: str) -> list[str]:
    return understand.polite(understand.folded(said).replace("'", " ")).split()


def _without(words: list[str], phrases: frozenset[tuple[str, ...]]) -> list[str]:
    """The words that are in none of the phrases, in order."""
    rest: list[str] = []
    at = 0
    while at < len(words):
        length = next((n for n in range(_LONGEST, 0, -1) if tuple(words[at : at + n]) in phrases), 0)
        if not length:
            rest.append(words[at])
        at += length or 1
    return rest


def _names(word: str, names: list[str]) -> bool:
    """Whether a word is one of a deed's name: in another form ("annulez" of "annuler"), or with the same meaning («لغيها»)."""
    if word in names or (len(word) >= 5 and any(len(name) >= 5 and name[:5] == word[:5] for name in names)):
        return True
    bare = next((word.removesuffix(end) for end in ("ها", "هم", "ه") if len(word) > 3 and word.endswith(end)), word)
    if len(bare) >= 3 and any(name.startswith(bare) and len(name) <= len(bare) + 1 for name in names):
        return True
    meaning = understand.intent(bare)
    return meaning not in _DECIDES and meaning in {understand.intent(name) for name in names}


@cache
def _yes() -> frozenset[tuple[str, ...]]:
    return _phrases(lexicon.INTENTS["yes"], lexicon.INTENTS["confirm"], lexicon.GO_ON)


@cache
def _agreement() -> frozenset[tuple[str, ...]]:
    return _phrases(lexicon.AGREEMENT)


@cache
def _small() -> frozenset[str]:
    return frozenset(word for phrase in _phrases(lexicon.SMALL) for word in phrase)


def _phrases(*entries: str) -> frozenset[tuple[str, ...]]:
    return frozenset(
        tuple(words) for entry in entries for phrase in understand.split(entry) if (words := _words_of(phrase))
    )
