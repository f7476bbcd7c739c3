"""Numbers, and amounts of money as people say them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from handlers.talk import understand
from handlers.talk.message import Json
from handlers.talk.question import Misread, Offer, Question, Reply, Shape, Stale
from handlers.talk.words import Text, UserText, _, dirhams, grouped

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

    return Question(
        prompt, read, _whole(fits), int, lambda v: UserText(str(v)), example=example, shape=Shape("number", least, most)
    )


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
        offers = [Offer(dirhams(round(reading)), round(reading)) for reading in readings]
        raise Misread(_("Just to be sure: which amount do you mean?"), *offers)

    return Question(
        prompt,
        read,
        _whole(fits),
        int,
        dirhams,
        example=example,
        echo=lambda v: _("Noted: {amount}.", amount=dirhams(v)),
        shape=Shape("amount", least, most, "DH"),
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


def _whole(fits: Callable[[float], int]) -> Callable[[Json], int]:
    def load(kept: Json) -> int:
        if not isinstance(kept, int) or isinstance(kept, bool):
            raise Stale
        try:
            return fits(kept)
        except Misread as why:
            raise Stale from why

    return load
