"""One option, several, yes or no."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from handlers.talk import lexicon, understand
from handlers.talk.confirm import agrees, confirms
from handlers.talk.message import Json
from handlers.talk.question import Misread, Offer, Option, PartialAnswer, Question, Reply, Shape, Stale
from handlers.talk.words import Language, Listed, Text, _


def choice(prompt: Text, options: Sequence[Option] | Mapping[str, Text], *, gone: Text | None = None) -> Question[str]:
    """One of the options, by its value; `gone` is said when a kept choice is no longer among them."""
    offered = _options(options)
    labels = {option.value: option.label for option in offered}

    def read(heard: Reply) -> str:
        named = pick(heard.text, question, heard.languages)
        if heard.value in labels and (named in ("", heard.value) or not _number_of(heard.text, question)):
            return heard.value
        if heard.value in labels:  # "3" is the third line, but also the name of another: three people
            raise Misread(
                _("Just to be sure: which one do you mean?"),
                *(Offer(labels[value], value) for value in (named, heard.value)),
            )
        found = named or heard.end
        if found not in labels:
            raise Misread(_("Please choose one of the answers below."))
        return found

    def load(kept: Json) -> str:
        if not isinstance(kept, str) or kept not in labels:
            raise Stale(gone)
        return kept

    question: Question[str] = Question(
        prompt, read, load, str, lambda value: labels[value], offered, shape=Shape("choice")
    )
    return question


def several(prompt: Text, options: Sequence[Option] | Mapping[str, Text], *, most: int = 20) -> Question[list[str]]:
    """One or more of the options, tapped one by one and ended with "done", or typed at once ("1, 3")."""
    offered = _options(options)
    labels = {option.value: option.label for option in offered}

    def show(values: list[str]) -> Text:
        return Listed(tuple(labels[value] for value in values))

    def read(heard: Reply) -> list[str]:
        picked = [value for value in cast("list[str]", heard.picked) if value in labels]
        if heard.value in labels:
            picked = [v for v in picked if v != heard.value] if heard.value in picked else [*picked, heard.value]
            if not picked:
                raise PartialAnswer([], _("Nothing chosen yet."))
            if len(picked) < min(most, len(offered)):
                raise PartialAnswer(
                    cast("list[Json]", picked),
                    _("Chosen: {choices}. Add another, or press “Done”.", choices=show(picked)),
                )
            return picked
        for parts in _enumerated(heard.text):
            named = [heard.line(part) or pick(part, question, heard.languages) for part in parts]
            if (
                all(value in labels for value in named)
                and len(chosen := list(dict.fromkeys([*picked, *named]))) <= most
            ):
                return chosen
        raise Misread(_("Please choose one or more of the answers below, for example “1, 3”."))

    def load(kept: Json) -> list[str]:
        if (
            not isinstance(kept, list)
            or not 0 < len(kept) <= most
            or not all(isinstance(value, str) and value in labels for value in kept)
        ):
            raise Stale
        return cast("list[str]", kept)

    question: Question[list[str]] = Question(
        prompt,
        read,
        load,
        lambda v: cast(Json, v),
        show,
        offered,
        done=bool,
        shape=Shape("several", 1, min(most, len(offered)), "options"),
    )
    return question


def _enumerated(said: str) -> list[list[str]]:
    """The ways a message may list several answers: whole, cut at commas and "and", at «و» before a word, at every space."""
    whole = said.strip()
    cut = re.split(r"[,،;؛/+&\n]|\s(?:et|and|و|w|o)\s", whole)
    ways = ([whole], cut, [piece for part in cut for piece in re.split(r"\sو(?=\w)", part)], whole.split())
    return [named for way in ways if (named := [part.strip() for part in way if part.strip()])]


def yes_no(prompt: Text, *, yes: Text | None = None, no: Text | None = None, explicit: bool = False) -> Question[bool]:
    """Yes or no. `explicit`: a mere "ok" is not enough, only the button or its words (consent under law 09-08)."""
    offered = (
        Option("yes", yes or _("Yes"), AGREED if explicit else (), explicit=explicit),
        Option("no", no or _("No"), REFUSED if explicit else ()),
    )

    def read(heard: Reply) -> bool:
        if heard.value in ("yes", "no"):
            return heard.value == "yes"
        if said_no(heard):
            return False
        deed = [tongue.say(offered[0].label) for tongue in heard.languages.values()] if not explicit else ()
        if agrees(heard.text) if explicit else confirms(heard.text, deed) or said_yes(heard):
            return True
        found = pick(heard.text, question, heard.languages)
        if found == "no":
            return False
        if explicit and (found or said_yes(heard) or confirms(heard.text)):
            raise Misread(CLEAR_YES)
        if found and not understand.asks(heard.text) and _said_whole(heard.text, offered[0], heard.languages):
            return True
        raise Misread(CLEAR_YES if explicit else _("Please answer yes or no."))

    def load(kept: Json) -> bool:
        if not isinstance(kept, bool):
            raise Stale
        return kept

    question: Question[bool] = Question(
        prompt, read, load, bool, lambda v: offered[0 if v else 1].label, offered, shape=Shape("yes_no")
    )
    return question


AGREED = (
    *("j'accepte", "oui j'accepte", "oui, j'accepte", "i agree", "yes i agree", "yes, i agree"),
    *("أوافق", "نعم أوافق", "نعم، أوافق", "موافق", "موافقة", "nwafe9", "kanwafe9"),
)

REFUSED = (
    "je refuse",
    "je n'accepte pas",
    "i do not agree",
    "i don't agree",
    "i refuse",
    "لا أوافق",
    "غير موافق",
    "غير موافقة",
    "أرفض",
    "ma nwafe9ch",
)

CLEAR_YES = _("For this one I need a clear yes: please press the button, or write “I agree”.")


def said_yes(heard: Reply) -> bool:
    """Whether a message says yes to a question of yes or no."""
    return heard.intent in ("yes", "confirm") or understand.folded(heard.text) == lexicon.MAYBE_YES


def said_no(heard: Reply) -> bool:
    return heard.intent == "no"


def _said_whole(said: str, option: Option, languages: Mapping[str, Language]) -> bool:
    """Whether a message is an option's label, or another name of it, as it stands."""
    names = (*(tongue.say(option.label) for tongue in languages.values()), *option.also)
    return understand.folded(said) in {understand.folded(name) for name in names}


def _options(options: Sequence[Option] | Mapping[str, Text]) -> tuple[Option, ...]:
    if isinstance(options, Mapping):
        return tuple(Option(value, label) for value, label in options.items())
    return tuple(options)


def pick(said: str, question: Question[Any], languages: Mapping[str, Language]) -> str:
    """The value of the option that was typed, in any language: its label, another name, a unique part; "" if none."""
    plain = understand.polite(understand.folded(said))
    if not plain:
        return ""
    if not question.labels:
        for option in question.options:
            for name in (*(tongue.say(option.label) for tongue in languages.values()), *option.also):
                folded = understand.folded(name)
                question.labels[folded] = (
                    option.value if question.labels.get(folded, option.value) == option.value else ""
                )
    if plain in question.labels:
        return question.labels[plain]
    if len(plain) < 3:
        return ""
    named = {name: value for name, value in question.labels.items() if value}
    partly = {value for name, value in named.items() if _part(plain, name)}
    if len(partly) != 1 and len(plain) >= 4:
        from rapidfuzz import fuzz, process

        near = process.extract(plain, list(named), scorer=fuzz.ratio, score_cutoff=84, limit=3)
        partly = {named[name] for name, _score, _at in near if _figures(name) == _figures(plain)} or partly
    found = partly.pop() if len(partly) == 1 else ""
    return "" if found in {option.value for option in question.options if option.explicit} else found


def _part(plain: str, name: str) -> bool:
    """Whether words are some of an option's, as they stand there: its beginning, or whole words."""
    words = re.split(r"[ ,/'()]+", name)
    return name.startswith(plain) or f" {plain} " in f" {' '.join(words)} " or _bare(plain) in map(_bare, words)


def _bare(word: str) -> str:
    """A folded word without its Arabic article: «أخضر» names «الأخضر»."""
    return word.removeprefix("ال") if len(word) > 4 else word


def _figures(plain: str) -> list[str]:
    """The numbers in a folded text: "2 à 3 ans" is not a slip of the pen for "1 à 3 ans"."""
    return re.findall(r"\d+", plain)


def _number_of(said: str, question: Question[Any]) -> bool:
    """Whether a number is a name of an option, and not only of a line."""
    return understand.polite(understand.folded(said)) in question.labels
