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

_DROPPED = re.compile(
    r"[\u0300-\u036f\u061c\u064b-\u0655\u0670\u0640\u200b-\u200f\u20e3\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff\U0001f3fb-\U0001f3ff]"
)
_FOLDED = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ؤ": "و",
        "ئ": "ي",
        "ة": "ه",
        "’": "'",
        "ʼ": "'",
        "´": "'",
        "`": "'",
    }
    | {chr(0x660 + n): str(n) for n in range(10)}  # Eastern Arabic digits
    | {chr(0x6F0 + n): str(n) for n in range(10)}  # Persian ones, on some keyboards
    | dict.fromkeys('-‐‑–—_،؛,;:…«»"“”()[]', " ")
)
_SPACES = re.compile(r"\s+")
_REPEATED = re.compile(r"(.)\1{2,}")
_CLOSING = " .!?؟"
_EMOJI = re.compile(r"[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff]+")


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """The text in the one spelling we compare: small letters, no accents, no Arabic marks, Western digits."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_FOLDED)
    if not text.isascii():
        text = _DROPPED.sub("", unicodedata.normalize("NFD", text))
    return _SPACES.sub(" ", text).strip(_CLOSING)


_LINK_CODE = re.compile(r"\bMK(?:-[0-9A-Z]{4}){3}\b")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


def link_code(text: str) -> str:
    """The code that links two channels, alone or in the message of ours that told it; "" if there is none."""
    if len(text) < 17:
        return ""
    found = _LINK_CODE.search(unicodedata.normalize("NFKC", text).upper().translate(_DASHES))
    return found[0] if found else ""


def asks(text: str) -> bool:
    """Whether the message is put as a question: "wah ?" is surprise, not yes."""
    return _DROPPED.sub("", _EMOJI.sub("", text)).rstrip().endswith(("?", "؟"))


def sound(plain: str) -> str:
    """How a folded Latin word sounds in Darija: `wa5a`, `waxa` and `ouakha` are one. Compare only with its like."""
    for written, heard in lexicon.SOUNDS:
        plain = plain.replace(written, heard)
    plain = re.sub(r"(?<=[^\Waei])[ea]+(?=[^\Waei])", "", plain)  # between consonants only: Zaid is not "zid"
    return re.sub(r"(.)\1+", r"\1", plain.replace("y", "i"))


def polite(plain: str) -> str:
    """The folded message without the polite words and the emoji around what it says."""
    plain = _without_emoji(plain)
    while plain not in _courtesies():  # courtesy alone is what it says
        shorter = next(
            (
                rest
                for words in _courtesies()
                if (rest := plain.removeprefix(words + " ").removesuffix(" " + words)) != plain
            ),
            plain,
        )
        if shorter == plain:
            break
        plain = shorter
    return plain


def _without_emoji(plain: str) -> str:
    return _SPACES.sub(" ", _EMOJI.sub(" ", plain)).strip(_CLOSING) or plain


@lru_cache(maxsize=4096)
def intent(text: str) -> str | None:
    """What the whole message means ("back", "yes", "price" ...), or None: a word inside a sentence is not an order."""
    plain = folded(text)
    bare = polite(plain)
    found = _lookup(plain) or _lookup(_without_emoji(plain)) or _lookup(bare) or _lookup(_once(bare))
    if found is None and len(bare) >= 5:
        found = _close_to(bare)
    if found is None and asks(text) and not _EMOJI.sub("", plain).strip(_CLOSING):
        return "help"
    return None if found == "yes" and asks(text) else found


def wish(text: str) -> str | None:
    """What a message asks for in a sentence, such as "je voudrais un rendez-vous" or «بغيت ناخد موعد»; None if nothing we know.

    Only where no answer is expected: as an answer it may mean what it says."""
    rest = polite(folded(text))
    for _word in range(4):  # "est-ce que je peux", "prendre", "un": the longest rest we know counts
        rest = polite(next((rest.removeprefix(f"{word} ") for word in _wishes() if rest.startswith(f"{word} ")), ""))
        if not rest:
            break
        if found := _lookup(rest) or (_close_to(rest) if len(rest) >= 5 else None):
            return None if found in _EXACT and found != "cancel" else found
    return None


@cache
def _wishes() -> list[str]:
    return sorted((folded(word) for word in split(lexicon.WISHES)), key=len, reverse=True)


def _once(plain: str) -> str:
    """A word said over and over is said once: "oui oui", "👍👍"."""
    said = plain.split() if _EMOJI.sub("", plain).strip() else list(plain.replace(" ", ""))
    return said[0] if len(set(said)) == 1 else ""


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

    near = process.extract(plain, _long_words(), scorer=DamerauLevenshtein.distance, score_cutoff=1, limit=None)
    meant = {_words()[word] for word, _distance, _at in near if not _another(plain, word)}
    return meant.pop() if len(meant) == 1 else None


def _another(plain: str, word: str) -> bool:
    """Whether one letter replaced makes it another word, as it does with short ones: "smart" is not "start"."""
    return len(plain) == len(word) == 5 and sorted(plain) != sorted(word)


@cache
def _words() -> dict[str, str]:
    return {
        plain: meaning for meaning, words in lexicon.INTENTS.items() for word in split(words) if (plain := folded(word))
    }


_EXACT = (
    "yes",
    "no",
    "cancel",
    "stop",
    "greeting",
    "thanks",
    "bye",
)  # a near miss of these may be a name, or decide too much


@cache
def _long_words() -> list[str]:
    """What may be mistyped. Not Darija in Latin letters: its spelling is free already, and Salima is not "salina"."""
    written = (
        folded(word) for meaning, words in lexicon.WRITTEN.items() if meaning not in _EXACT for word in split(words)
    )
    return [word for word in written if len(word) >= 5]


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

_LINE = re.compile(
    r"(?:(?:n°|no|nr|num|numero|number|choix|option|reponse|ligne|nmra|nemra|ra9m|le|la|رقم|الرقم|الجواب|الخيار) ?|#)?(\d{1,9})(?: ?(?:er|re|ere|e|eme|st|nd|rd|th))?"
)
_GROUPED = re.compile(r"(?<=\d)[ .,'\u00a0\u202f](?=\d{3}(?:\D|$))")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_MINUS = re.compile(r"(?<![\w)])[-\u2013\u2212](?=\d)")
_HELD = str.maketrans(
    {",": "\u0001", "\u066c": "\u0001", ".": "\u0002", "\u066b": "\u0002"}
)  # what folding would take out of a number; ٬ and ٫ too
_GIVEN_BACK = str.maketrans("\u0001\u0002\u0003", ",.-")


def count(text: str) -> int | None:
    """The number a short message consists of: "7", "٧", "sb3a", "n° 2", "3." or None."""
    plain = polite(folded(text)).strip(".()")
    if found := _LINE.fullmatch(plain):
        return int(found[1])
    return _named(plain) if not plain.isdecimal() else None


def end(text: str) -> int:
    """1 for "the first", -1 for "the last", 0 for another message: a line of the list on the screen."""
    plain = polite(folded(text))
    return 1 if plain in _first() else -1 if plain in _last() else 0


def _named(plain: str) -> int | None:
    """A number in words; zero is a number too."""
    found = _numerals().get(plain)
    return _numerals().get(sound(plain)) if found is None and plain.isascii() and len(plain) >= 3 else found


@cache
def _numerals() -> dict[str, int]:
    named = {folded(w): n for n, words in lexicon.NUMBERS.items() for w in split(words)}
    return {sound(w): n for w, n in named.items() if w.isascii()} | named


@cache
def _first() -> frozenset[str]:
    return frozenset(folded(word) for word in split(lexicon.FIRST))


@cache
def _last() -> frozenset[str]:
    return frozenset(folded(word) for word in split(lexicon.LAST))


def has_number(words: str) -> bool:
    """Whether there is a number among folded words, in digits or spelled."""
    return any(_named(word) is not None or _figure(word) for word in words.split())


def _figure(word: str) -> re.Match[str] | None:
    """The number in a word, unless it stands for a sound: there is none in "ta9riban"."""
    found = _NUMBER.search(word)
    return found if found and not (word[: found.start()][-1:].isalpha() and word[found.end() :][:1].isalpha()) else None


def quantity(text: str) -> tuple[float, str] | None:
    """The amount written in a message and the words around it: "150 000 dh" is (150000.0, "dh"); None if there is none.

    A second number stays among the words: whoever asks decides what "3 or 4" means.
    """
    held = _MINUS.sub("\u0003", text).translate(_HELD)
    plain = _GROUPED.sub("", polite(folded(held)).translate(_GIVEN_BACK))
    words = plain.split()
    for at, word in enumerate(words):
        for to in (at + 3, at + 2, at + 1):  # "sb3a" is seven, not a three; "quatre-vingt-dix" is no four
            if not word.isdecimal() and (named := _named(" ".join(words[at:to]))) is not None:
                return float(named), _beside(words[:at], "", words[to:])
        if found := _figure(word):
            rest = word[: found.start()] + " " + word[found.end() :]
            return float(found[0].replace(",", ".")), _beside(words[:at], rest, words[at + 1 :])
    return None


def _beside(before: list[str], rest: str, after: list[str]) -> str:
    return " ".join(" ".join([*before, rest, *after]).replace(",", " ").split()).strip(_CLOSING)
