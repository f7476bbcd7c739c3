"""Words, as they are written."""

from __future__ import annotations

from collections.abc import Callable

from handlers.talk.message import Json
from handlers.talk.question import Misread, Question, Reply, Shape, Stale
from handlers.talk.words import Text, UserText, _, clean


def text(
    prompt: Text,
    *,
    shortest: int = 1,
    longest: int = 1000,
    hint: Text | None = None,
    example: Text | None = None,
    check: Callable[[str], str] | None = None,
) -> Question[str]:
    """Free text of `shortest` to `longest` letters, or else `hint`; `check` (the text, tidied; raises Misread) narrows it."""

    def fits(said: str) -> str:
        if not said:
            raise Misread(hint or _("Please answer in words."))
        if len(said) < shortest:
            raise Misread(hint or _("Please tell us a little more (at least {min} characters).", min=shortest))
        if len(said) > longest:
            raise Misread(_("That is a bit long: {max} characters at most.", max=longest))
        return check(said) if check else said

    def read(heard: Reply) -> str:
        return fits(clean(heard.text))

    return Question(
        prompt,
        read,
        string_of(fits),
        str,
        UserText,
        example=example,
        open="" if check else "text",
        shape=Shape("text", shortest, longest, "letters"),
    )


def string_of(fits: Callable[[str], str]) -> Callable[[Json], str]:
    def load(kept: Json) -> str:
        if not isinstance(kept, str):
            raise Stale
        try:
            return fits(kept)
        except Misread as why:
            if why.offers:
                return kept  # it was confirmed once
            raise Stale from why

    return load
