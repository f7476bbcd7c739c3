"""What people really type: one spelling for comparing, whole-message intents, numbers, yes and no.

French SMS, Darija in Latin letters, Arabic script with or without marks, Eastern digits. Nothing here is ever
stored: the folded spelling only compares. The word lists are in `lexicon.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from handlers.talk import lexicon

_DROPPED = re.compile(r"[\u064b-\u0652\u0670\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff\U0001f3fb-\U0001f3ff]")
_FOLDED = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ؤ": "و", "ئ": "ي", "ة": "ه", "’": "'", "ʼ": "'", "´": "'", "`": "'"}
    | {chr(0x660 + n): str(n) for n in range(10)}  # Eastern Arabic digits
    | {chr(0x6F0 + n): str(n) for n in range(10)}  # Persian ones, on some keyboards
    | dict.fromkeys('-‐‑–—_،؛,;:…«»"“”()[]', " ")
)
_SPACES = re.compile(r"\s+")
_REPEATED = re.compile(r"(.)\1{2,}")
_CLOSING = " .!?؟"
_ARABIC = re.compile(r"[\u0600-\u06ff]")


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """The text in the one spelling we compare: small letters, no accents, no Arabic marks, Western digits."""
    text = _DROPPED.sub("", unicodedata.normalize("NFKC", text)).casefold().translate(_FOLDED)
    if not text.isascii() and not _ARABIC.search(text):
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return _SPACES.sub(" ", text).strip(_CLOSING)


def asks(text: str) -> bool:
    """Whether the message is put as a question: "wah ?" is surprise, not yes."""
    return text.rstrip().endswith(("?", "؟"))


def sound(plain: str) -> str:
    """How a folded Latin word sounds in Darija: `wa5a`, `waxa` and `ouakha` are one. Compare only with its like."""
    for written, heard in lexicon.SOUNDS:
        plain = plain.replace(written, heard)
    plain = re.sub(r"(?<=\w)[ea](?=\w)", "", plain)
    return re.sub(r"(.)\1", r"\1", plain)


def polite(plain: str) -> str:
    """The folded message without the polite words around what it says."""
    for words in _courtesies():
        if plain.startswith(words + " "):
            plain = plain[len(words) + 1 :]
        if plain.endswith(" " + words):
            plain = plain[: -len(words) - 1]
    return plain


@lru_cache(maxsize=4096)
def intent(text: str) -> str | None:
    """What the whole message means ("back", "yes", "price" ...), or None: a word inside a sentence is not an order."""
    plain = folded(text)
    found = _lookup(plain) or _lookup(polite(plain))
    if found is None and len(plain) >= 5:
        found = _close_to(plain)
    if found in ("yes", "greeting") and asks(text):
        return None
    return found


def _lookup(plain: str) -> str | None:
    words, sounds = _words(), _sounds()
    if found := words.get(plain):
        return found
    for copies in (r"\1", r"\1\1"):
        if found := words.get(_REPEATED.sub(copies, plain)):
            return found
    return sounds.get(sound(plain)) if plain.isascii() and len(plain) >= 3 else None


def _close_to(plain: str) -> str | None:
    """One wrong letter in a word of five or more; never for words that decide something."""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    found = process.extractOne(plain, _long_words(), scorer=DamerauLevenshtein.distance, score_cutoff=1)
    return _words()[found[0]] if found else None


@cache
def _words() -> dict[str, str]:
    return {folded(word): meaning for meaning, words in lexicon.INTENTS.items() for word in split(words)}


_EXACT = ("yes", "no", "cancel", "stop", "greeting", "thanks", "bye")  # a near miss of these may be a name, or decide too much


@cache
def _long_words() -> list[str]:
    return [w for w, meaning in _words().items() if len(w) >= 5 and meaning not in _EXACT]


@cache
def _sounds() -> dict[str, str]:
    heard: dict[str, str] = {}
    for meaning, words in lexicon.DARIJA.items():
        for word in split(words):
            heard.setdefault(sound(folded(word)), meaning)
    return {word: meaning for word, meaning in heard.items() if len(word) >= 3}


@cache
def _courtesies() -> list[str]:
    return sorted((folded(word) for word in split(lexicon.COURTESIES)), key=len, reverse=True)


def split(words: str) -> Iterable[str]:
    """The variants of a lexicon entry."""
    return (word.strip() for line in words.splitlines() for word in line.split(" · ") if word.strip())


# numbers ------------------------------------------------------------------------------------------------------------

_GROUPED = re.compile(r"(?<=\d)[ .,'\u00a0\u202f](?=\d{3}(?:\D|$))")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def count(text: str) -> int | None:
    """The number a short message consists of: "7", "٧", "sb3a", "n° 2", "3." or None."""
    plain = folded(text).strip(".()#").removeprefix("n°").removeprefix("no ").strip()
    if plain.isdigit() and len(plain) <= 9:
        return int(plain)
    return _numerals().get(plain) or _numerals().get(sound(plain)) if not plain.isdigit() else None


@cache
def _numerals() -> dict[str, int]:
    named = {folded(w): n for n, words in lexicon.NUMBERS.items() for w in split(words)}
    return {sound(w): n for w, n in named.items() if w.isascii()} | named


def quantity(text: str) -> tuple[float, str] | None:
    """The amount written in a message and the unit word after it: "150 000 dh" is (150000.0, "dh"); None if there is none."""
    plain = folded(text.replace(",", "\u0001").replace(".", "\u0002"))
    plain = plain.replace("\u0001", ",").replace("\u0002", ".")
    plain = _GROUPED.sub("", plain)
    found = _NUMBER.search(plain)
    if found is None:
        named = next((n for word in plain.split() if (n := _numerals().get(word))), None)
        return (float(named), plain.split()[-1]) if named else None
    rest = plain[: found.start()] + " " + plain[found.end() :]
    return float(found[0].replace(",", ".")), rest.strip()
