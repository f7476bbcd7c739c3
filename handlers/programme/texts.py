"""The texts of a programme file: three languages together, bounded, with the placeholders they may use."""

from __future__ import annotations

import re
from datetime import date
from string import Formatter
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from handlers.talk.words import LANGUAGES, StaffText, isolate_latin

MISSING = "text_missing"
BUTTON, OPTION = 20, 24  # letters: WhatsApp's reply button and list row (facts of 2026-11)


def _written(value: Any) -> StaffText:
    """One text in all three languages, from a mapping, or from one string that is the same in each."""
    if isinstance(value, StaffText):
        return value
    if value is None or isinstance(value, str | int):
        value = dict.fromkeys(LANGUAGES, value)
    if not isinstance(value, dict):
        raise PydanticCustomError("dict_type", "a text in fr, ar and en was expected here")
    absent = [
        code
        for code in LANGUAGES
        if isinstance(value.get(code), bool | list | dict) or not str(value.get(code) or "").strip()
    ]
    if absent:
        raise PydanticCustomError(MISSING, "{languages}", {"languages": ", ".join(absent)})
    extra = [str(code) for code in value if code not in LANGUAGES]
    if extra:
        raise PydanticCustomError("text_extra", "{languages}", {"languages": ", ".join(extra)})
    for code, other, most in (("ar", "fr", OPTION), ("ar", "en", OPTION), ("en", "fr", 60)):
        if len(str(value[code])) > most and value[code] == value[other] and len(set(value.values())) > 1:
            raise PydanticCustomError("text_same", "{language} {other}", {"language": code, "other": other})
    names = {code: placeholders_in(str(value[code])) for code in LANGUAGES}
    for code in LANGUAGES:
        if names[code] != names["fr"]:
            odd = sorted(names[code] ^ names["fr"])
            raise PydanticCustomError("text_parts", "{language} {parts}", {"language": code, "parts": ", ".join(odd)})
    return StaffText({code: str(value[code]).strip() for code in LANGUAGES})


def _isolated(text: StaffText) -> StaffText:
    return StaffText({**text.by_language, "ar": isolate_latin(text.by_language["ar"])})


def placeholders_in(text: str) -> set[str]:
    try:
        found = [
            (name, spec, conversion) for _before, name, spec, conversion in Formatter().parse(text) if name is not None
        ]
    except ValueError:
        raise PydanticCustomError("text_braces", "a curly bracket has no partner") from None
    for name, spec, conversion in found:
        if spec or conversion or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise PydanticCustomError("id", "{id}", {"id": f"{{{name}}}"})
    return {name for name, _spec, _conversion in found}


def _at_most(letters: int) -> AfterValidator:
    def check(text: StaffText) -> StaffText:
        for code in LANGUAGES:
            if (length := len(text.by_language[code])) > letters:
                raise PydanticCustomError(
                    "label_long", "{language} {length} {most}", {"language": code, "length": length, "most": letters}
                )
        return text

    return AfterValidator(check)


def checked_name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]{0,19}", value):
        raise PydanticCustomError("id", "{id}", {"id": value})
    return value


def _id(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _day(value: Any) -> date:
    """A day as staff write it: 2027-03-10. The file's own reader leaves days as text."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise PydanticCustomError("day", "{found}", {"found": str(value)}) from None


Id = Annotated[str, BeforeValidator(_id), AfterValidator(checked_name)]
Day = Annotated[date, BeforeValidator(_day)]
Said = Annotated[StaffText, BeforeValidator(_written), AfterValidator(_isolated)]
Label = Annotated[StaffText, BeforeValidator(_written), _at_most(OPTION)]
ShortLabel = Annotated[StaffText, BeforeValidator(_written), _at_most(BUTTON)]
