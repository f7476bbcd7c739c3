"""From a message to the value of an open question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from handlers.talk import understand
from handlers.talk.confirm import confirms
from handlers.talk.kinds.choices import pick
from handlers.talk.message import Json
from handlers.talk.press import DONE, KEEP, SKIP
from handlers.talk.question import Misread, Offer, Question, Redirect, Reply, Stale
from handlers.talk.state import State, T
from handlers.talk.words import _

KEEP_LABEL = _("Keep this answer")


def read_answer(question: Question[T], heard: Reply, state: State, before: Json) -> T:
    """The value of a message: an offer taken up, "skip", "keep", "done", a line's number, or what the question reads."""
    meant = understand.intent(heard.text) if heard.text and not heard.value else None
    if state.offers:
        if (at := _offered(state.offers, heard, meant)) is not None:
            return _confirmed(question, heard, _offer(state.offers[at])[1])
        if meant == "no":
            raise Misread(_("All right. Please write it again."))
    if meant is not None and question.options and pick(heard.text, question, heard.languages):
        meant = None  # "later" may be an answer of this very question
    if not (heard.value or heard.file) and _counts(question, line := heard.line(heard.text)):
        heard = replace(heard, value=line)
    if heard.value == SKIP or (meant == "skip" and not heard.file):
        if question.optional:
            return question.load(None)
        raise Misread(_("This answer is needed to continue."))
    if before is not None and (
        _keeps(heard) or meant in ("next", "confirm") or (meant == "yes" and not question.options)
    ):
        return question.load(before)
    if question.done is not None and (heard.value == DONE or (meant in ("next", "confirm", "done") and not heard.file)):
        if question.done(state.picked):
            return question.load(cast(Json, state.picked))
        if before is not None:
            return question.load(before)
        raise Misread(_("Nothing chosen yet.") if question.options else _("I have not received a file yet."))
    if heard.value.startswith("/"):
        raise Redirect(heard.value)
    if (heard.file or heard.trouble) and not question.wants_file:
        raise Misread(_("Thank you, but an answer in words is needed here; documents come later."))
    try:
        value = question.read(heard)
    except Misread as why:
        if before is not None and not heard.value and heard.line(heard.text) == KEEP:
            return question.load(before)
        if state.offers and held_offers(why, heard) == state.offers and (at := _insisted(why.offers)) is not None:
            return _confirmed(question, heard, why.offers[at].kept)
        raise
    if isinstance(value, str) and value.startswith("/") and question.options:
        raise Redirect(value)
    return value


def _counts(question: Question[Any], line: str) -> bool:
    """Whether a number is that of a line, and not the answer itself: "done" and "keep" are lines too where nothing can be pressed."""
    return (
        bool(question.options) or (line == DONE and question.wants_file) or (line == KEEP and question.open == "text")
    )


def _keeps(heard: Reply) -> bool:
    """Whether "keep this answer" was pressed, or typed as it stands on the button."""
    if heard.value or not heard.text:
        return heard.value == KEEP
    said = understand.folded(heard.text)
    return any(said == understand.folded(tongue.say(KEEP_LABEL)) for tongue in heard.languages.values())


def held_offers(why: Misread, heard: Reply) -> list[Json]:
    """Offers as a state keeps them: what takes each up, what would be kept, and the words that led to them."""
    said = understand.folded(heard.text)
    return [["yes" if len(why.offers) == 1 else offer.means, offer.kept, said] for offer in why.offers]


def _offer(held: Json) -> tuple[str, Json]:
    """What takes an offer up, and what would be kept; words held back as a possible answer stand alone, and a yes takes them."""
    match held:
        case [str(means), kept, *_said]:
            return means, kept
    return "yes", held


def _offered(offers: Sequence[Json], heard: Reply, meant: str | None) -> int | None:
    """Which offer is taken up: its button, its number, or a yes that can only mean it."""
    if heard.value:
        at = int(heard.value[1:]) if re.fullmatch(r"#[0-9]{1,3}", heard.value) else len(offers)
        return at if at < len(offers) else None
    if (line := understand.count(heard.text)) is not None:
        return line - 1 if 0 < line <= len(offers) else None
    return next(
        (
            at
            for at, held in enumerate(offers)
            if _offer(held)[0] == "yes" and (meant in ("yes", "confirm") or confirms(heard.text))
        ),
        None,
    )


def _insisted(offers: Sequence[Offer]) -> int | None:
    """Which offer somebody means who writes the same again: their own words, or the only reading there is."""
    return 0 if len(offers) == 1 else next((at for at, offer in enumerate(offers) if offer.means == "own"), None)


def _confirmed(question: Question[T], heard: Reply, offer: Json) -> T:
    """The value of a reading the person confirmed; words held back as a possible answer are read as any other."""
    try:
        return question.load(offer)
    except Stale:
        return question.read(replace(heard, text=str(offer), value=""))
